"""DirectoryService status codes and the names that dscl and dserr print for them, as data.

Source: Apple's published DirServicesTypes.h and dsCopyDirStatusName, collected in
spec/eds-codes.tsv. A code without a name here prints as unknown.
"""

from __future__ import annotations

#: Positive code -> printed name.
NAMES: dict[int, str] = {
    int(code): name for code, name in (pair.split("=") for pair in """
    0=eDSNoErr 14000=eDSOpenFailed 14001=eDSCloseFailed 14002=eDSOpenNodeFailed
    14003=eDSBadDirRefences 14004=eDSNullRecordReference 14005=eDSMaxSessionsOpen
    14006=eDSCannotAccessSession 14007=eDSDirSrvcNotOpened 14008=eDSNodeNotFound
    14009=eDSUnknownNodeName 14010=eDSRegisterCustomFailed 14011=eDSGetCustomFailed
    14012=eDSUnRegisterFailed 14015=eDSLocalDSDaemonInUse 14016=eDSNormalDSDaemonInUse
    14050=eDSAllocationFailed 14051=eDSDeAllocateFailed 14052=eDSCustomBlockFailed
    14053=eDSCustomUnblockFailed 14054=eDSCustomYieldFailed 14060=eDSCorruptBuffer
    14061=eDSInvalidIndex 14062=eDSIndexOutOfRange 14063=eDSIndexNotFound
    14065=eDSCorruptRecEntryData 14069=eDSRefSpaceFull 14070=eDSRefTableAllocError
    14071=eDSInvalidReference 14072=eDSInvalidRefType 14073=eDSInvalidDirRef
    14074=eDSInvalidNodeRef 14075=eDSInvalidRecordRef 14076=eDSInvalidAttrListRef
    14077=eDSInvalidAttrValueRef 14078=eDSInvalidContinueData 14079=eDSInvalidBuffFormat
    14080=eDSInvalidPatternMatchType 14081=eDSRefTableError 14082=eDSRefTableNilError
    14083=eDSRefTableIndexOutOfBoundsError 14084=eDSRefTableEntryNilError
    14085=eDSRefTableCSBPAllocError 14086=eDSRefTableFWAllocError 14090=eDSAuthFailed
    14091=eDSAuthMethodNotSupported 14092=eDSAuthResponseBufTooSmall 14093=eDSAuthParameterError
    14094=eDSAuthInBuffFormatError 14095=eDSAuthNoSuchEntity 14096=eDSAuthBadPassword
    14097=eDSAuthContinueDataBad 14098=eDSAuthUnknownUser 14099=eDSAuthInvalidUserName
    14100=eDSAuthCannotRecoverPasswd 14101=eDSAuthFailedClearTextOnly
    14102=eDSAuthNoAuthServerFound 14103=eDSAuthServerError 14104=eDSInvalidContext
    14105=eDSBadContextData 14120=eDSPermissionError 14121=eDSReadOnly 14122=eDSInvalidDomain
    14123=eNetInfoError 14130=eDSInvalidRecordType 14131=eDSInvalidAttributeType
    14133=eDSInvalidRecordName 14134=eDSAttributeNotFound 14135=eDSRecordAlreadyExists
    14136=eDSRecordNotFound 14137=eDSAttributeDoesNotExist 14138=eDSRecordTypeDisabled
    14140=eDSNoStdMappingAvailable 14141=eDSInvalidNativeMapping 14142=eDSSchemaError
    14143=eDSAttributeValueNotFound 14149=eDSVersionMismatch 14150=eDSPlugInConfigFileError
    14151=eDSInvalidPlugInConfigData 14161=eDSAuthNewPasswordRequired 14162=eDSAuthPasswordExpired
    14165=eDSAuthPasswordQualityCheckFailed 14167=eDSAuthAccountDisabled
    14168=eDSAuthAccountExpired 14169=eDSAuthAccountInactive 14170=eDSAuthPasswordTooShort
    14171=eDSAuthPasswordTooLong 14172=eDSAuthPasswordNeedsLetter 14173=eDSAuthPasswordNeedsDigit
    14174=eDSAuthPasswordChangeTooSoon 14175=eDSAuthInvalidLogonHours 14176=eDSAuthInvalidComputer
    14177=eDSAuthMasterUnreachable 14200=eDSNullParameter 14201=eDSNullDataBuff
    14202=eDSNullNodeName 14203=eDSNullRecEntryPtr 14204=eDSNullRecName 14205=eDSNullRecNameList
    14206=eDSNullRecType 14207=eDSNullRecTypeList 14208=eDSNullAttribute
    14209=eDSNullAttributeAccess 14210=eDSNullAttributeValue 14211=eDSNullAttributeType
    14212=eDSNullAttributeTypeList 14213=eDSNullAttributeControlPtr
    14214=eDSNullAttributeRequestList 14215=eDSNullDataList 14216=eDSNullDirNodeTypeList
    14217=eDSNullAutMethod 14218=eDSNullAuthStepData 14219=eDSNullAuthStepDataResp
    14220=eDSNullNodeInfoTypeList 14221=eDSNullPatternMatch 14222=eDSNullNodeNamePattern
    14223=eDSNullTargetArgument 14230=eDSEmptyParameter 14231=eDSEmptyBuffer
    14232=eDSEmptyNodeName 14233=eDSEmptyRecordName 14234=eDSEmptyRecordNameList
    14235=eDSEmptyRecordType 14236=eDSEmptyRecordTypeList 14237=eDSEmptyRecordEntry
    14238=eDSEmptyPatternMatch 14239=eDSEmptyNodeNamePattern 14240=eDSEmptyAttribute
    14241=eDSEmptyAttributeType 14242=eDSEmptyAttributeTypeList 14243=eDSEmptyAttributeValue
    14244=eDSEmptyAttributeRequestList 14245=eDSEmptyDataList 14246=eDSEmptyNodeInfoTypeList
    14247=eDSEmptyAuthMethod 14248=eDSEmptyAuthStepData 14249=eDSEmptyAuthStepDataResp
    14250=eDSEmptyPattern2Match 14255=eDSBadDataNodeLength 14256=eDSBadDataNodeFormat
    14257=eDSBadSourceDataNode 14258=eDSBadTargetDataNode 14260=eDSBufferTooSmall
    14261=eDSUnknownMatchType 14262=eDSUnSupportedMatchType 14263=eDSInvalDataList
    14264=eDSAttrListError 14270=eServerNotRunning 14271=eUnknownAPICall 14272=eUnknownServerError
    14273=eUnknownPlugIn 14274=ePlugInDataError 14275=ePlugInNotFound 14276=ePlugInError
    14277=ePlugInInitError 14278=ePlugInNotActive 14279=ePlugInFailedToInitialize
    14280=ePlugInCallTimedOut 14290=eNoSearchNodesFound 14291=eSearchPathNotDefined
    14292=eNotHandledByThisNode 14330=eIPCSendError 14331=eIPCReceiveError 14332=eServerReplyError
    14350=eDSTCPSendError 14351=eDSTCPReceiveError 14352=eDSTCPVersionMismatch
    14353=eDSIPUnreachable 14354=eDSUnknownHost 14400=ePluginHandlerNotLoaded
    14402=eNoPluginsLoaded 14404=ePluginAlreadyLoaded 14406=ePluginVersionNotFound
    14408=ePluginNameNotFound 14410=eNoPluginFactoriesFound 14412=ePluginConfigAvailNotFound
    14414=ePluginConfigFileNotFound 14450=eCFMGetFileSysRepErr 14452=eCFPlugInGetBundleErr
    14454=eCFBndleGetInfoDictErr 14456=eCFDictGetValueErr 14470=eDSServerTimeout 14471=eDSContinue
    14472=eDSInvalidHandle 14473=eDSSendFailed 14474=eDSReceiveFailed 14475=eDSBadPacket
    14476=eDSInvalidTag 14477=eDSInvalidSession 14478=eDSInvalidName 14479=eDSUserUnknown
    14480=eDSUnrecoverablePassword 14481=eDSAuthenticationFailed 14482=eDSBogusServer
    14483=eDSOperationFailed 14484=eDSNotAuthorized 14485=eDSNetInfoError 14486=eDSContactMaster
    14487=eDSServiceUnavailable 14488=eDSInvalidFilePath 14501=eFWGetDirNodeNameErr1
    14502=eFWGetDirNodeNameErr2 14503=eFWGetDirNodeNameErr3 14504=eFWGetDirNodeNameErr4
    14700=eParameterSendError 14720=eParameterReceiveError 14740=eServerSendError
    14760=eServerReceiveError 14900=eMemoryError 14901=eMemoryAllocError 14910=eServerError
    14915=eParameterError 14950=eDataReceiveErr_NoDirRef 14951=eDataReceiveErr_NoRecRef
    14952=eDataReceiveErr_NoAttrListRef 14953=eDataReceiveErr_NoAttrValueListRef
    14954=eDataReceiveErr_NoAttrEntry 14955=eDataReceiveErr_NoAttrValueEntry
    14956=eDataReceiveErr_NoNodeCount 14957=eDataReceiveErr_NoAttrCount
    14958=eDataReceiveErr_NoRecEntry 14959=eDataReceiveErr_NoRecEntryCount
    14960=eDataReceiveErr_NoRecMatchCount 14961=eDataReceiveErr_NoDataBuff
    14962=eDataReceiveErr_NoContinueData 14963=eDataReceiveErr_NoNodeChangeToken
    14986=eNoLongerSupported 14987=eUndefinedError 14988=eNotYetImplemented 14999=eDSLastValue
""".split())
}
