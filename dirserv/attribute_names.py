"""The attribute and record type constants of DirectoryService, as data.

Source: Apple's published DSTools (constants) and DirectoryService (the local node's on-disk keys),
collected in spec/std-names.tsv and spec/local-mappings.tsv. Names carry no prefix here.
"""

from __future__ import annotations

#: Every standard attribute (``dsAttrTypeStandard:NAME``).
STANDARD_ATTRIBUTES: frozenset[str] = frozenset("""
    AccessControlEntry AddressLine1 AddressLine2 AddressLine3 AdminLimits AdminStatus Alias
    AllNames AltSecurityIdentities AlternateDatastoreLocation AppleAliasData AppleMetaAliasSource
    AppleMetaAliasTarget AppleMetaNodeLocation AreaCode AttrListRefCount AttrListRefs
    AttrListValueRefCount AttrListValueRefs AttributeTypes AuthCredential AuthMethod
    AuthenticationAuthority AuthenticationHint AuthorityRevocationList AutomountInformation
    Birthday BootFile BootParams BuildVersion Building CACertificate CSPSearchPath Capabilities
    Capacity Category CertificateRevocationList Change City Comment Company ComputerAlias
    Computers ConfigAvail ConfigFile ContactGUID ContactPerson CopyTimestamp CoreFWVersion Country
    CreationTimestamp CrossCertificatePair DNSDomain DNSName DNSNameServer DataStamp
    DateRecordCreated Department DirRefCount DirRefs EMailAddress EMailContacts ENetAddress Expire
    FAXNumber FWVersion FirstName FunctionalState GeneratedUID Group GroupMembers GroupMembership
    GroupServices HTML HardwareUUID HomeDirectory HomeDirectoryQuota HomeDirectorySoftQuota
    HomeLocOwner HomePhoneNumber IMHandle IPAddress IPAddressAndENetAddress IPv6Address InetAlias
    JPEGPhoto JobTitle KDCAuthKey KDCConfigData KerberosRealm KerberosServices Keywords
    LDAPReadReplicas LDAPSearchBaseSuffix LDAPWriteReplicas LSPSearchPath LastName Location
    MCXFlags MCXSettings MIME MachineServes MailAttribute MapCoordinates MapGUID MapURI Member
    MetaAutomountMap MiddleName MobileNumber ModificationTimestamp NBPEntry NFSHomeDirectory
    NSPSearchPath NTDomainComputerAccount NamePrefix NameSuffix NeighborhoodAlias NeighborhoodType
    NestedGroups NetGroupTriplet NetGroups NetworkNumber NetworkView NickName NodePath
    NodePathXMLPlist NodeRefCount NodeRefs Note Occupation OrganizationInfo OrganizationName
    OriginalAuthenticationAuthority OriginalHomeDirectory OriginalNFSHomeDirectory
    OriginalNodeName Owner OwnerGUID PGPPublicKey PIDValue PagerNumber Password PasswordPlus
    PasswordPolicyOptions PasswordServerList PasswordServerLocation PhoneContacts PhoneNumber
    Picture PlugInInfo PluginIndex Port PostalAddress PostalAddressContacts PostalCode
    PresetUserIsAdmin PrimaryComputerGUID PrimaryComputerList PrimaryGroupID PrimaryNTDomain
    PrintServiceInfoText PrintServiceInfoXML PrintServiceUserData Printer1284DeviceID
    PrinterLPRHost PrinterLPRQueue PrinterMakeAndModel PrinterType PrinterURI PrinterXRISupported
    ProcessName ProtocolNumber Protocols PwdAgingPolicy RARA RPCNumber ReadOnlyNode RealName
    RealUserID RecRefCount RecRefs RecordAlias RecordImage RecordName RecordType RefNumTableList
    Relationships RelativeDNPrefix ResourceInfo ResourceType SMBAccountFlags SMBGroupRID SMBHome
    SMBHomeDrive SMBKickoffTime SMBLogoffTime SMBLogonTime SMBPasswordLastSet SMBPrimaryGroupSID
    SMBProfilePath SMBRID SMBSID SMBScriptPath SMBUserWorkstations Scheama SearchPath SearchPolicy
    ServiceType ServicesLocator SetPasswdMethod SetupAssistantAdvertising
    SetupAssistantAutoRegister SetupAssistantLocation State Street SubNodes TimePackage TimeToLive
    TotalRefCount TotalSize URL URLForNSL UniqueID UserCertificate UserPKCS12Data
    UserSMIMECertificate UserShell VFSDumpFreq VFSLinkDir VFSOpts VFSPassNo VFSType Version
    WeblogURI XMLPlist
""".split())

#: Standard attribute -> key in the local node's files, where the two differ or both are known.
ON_DISK_KEYS: dict[str, str] = dict(pair.split("=") for pair in """
    AccessControlEntry=accesscontrolentry AddressLine1=address1 AddressLine2=address2
    AddressLine3=address3 AdminLimits=admin_limits AdminStatus=AdminStatus
    AltSecurityIdentities=altsecurityidentities
    AlternateDatastoreLocation=alternatedatastorelocation AppleAliasData=alias_data
    AreaCode=areacode AuthCredential=authcredential
    AuthenticationAuthority=authentication_authority AuthenticationHint=hint
    AuthorityRevocationList=authorityrevocationlist AutomountInformation=automountinformation
    Birthday=birthday BootFile=bootfile BootParams=bootparams Building=building
    CACertificate=cacertificate Capabilities=capabilities Capacity=capacity Category=category
    CertificateRevocationList=certificaterevocationlist Change=change City=city Comment=comment
    Company=company ComputerAlias=computeralias Computers=computers ContactGUID=contactguid
    CopyTimestamp=copy_timestamp Country=country CreationTimestamp=creationtimestamp
    CrossCertificatePair=crosscertificatepair DNSDomain=domain DNSName=dnsname
    DNSNameServer=nameserver DataStamp=data_stamp DateRecordCreated=dateCreate
    Department=department EMailAddress=mail EMailContacts=emailcontacts ENetAddress=en_address
    Expire=expire FAXNumber=faxnumber FirstName=firstname GeneratedUID=generateduid Group=groups
    GroupMembers=groupmembers GroupMembership=users GroupServices=groupservices HTML=htmldata
    HardwareUUID=hardwareuuid HomeDirectory=home_loc HomeDirectoryQuota=homedirectoryquota
    HomeDirectorySoftQuota=homedirectorysoftquota HomeLocOwner=home_loc_owner
    HomePhoneNumber=homephonenumber IMHandle=imhandle IPAddress=ip_address
    IPAddressAndENetAddress=ipaddressandenetaddress IPv6Address=ipv6_address InetAlias=InetAlias
    JPEGPhoto=jpegphoto JobTitle=jobtitle KDCAuthKey=kdcauthkey KDCConfigData=kdcconfigdata
    KerberosRealm=kerberosrealm KerberosServices=kerberosServices Keywords=keywords
    LastName=lastname Location=location MCXFlags=mcx_flags MCXSettings=mcx_settings MIME=mime
    MachineServes=serves MailAttribute=applemail MapCoordinates=mapcoordinates MapGUID=mapguid
    MapURI=mapURI MetaAutomountMap=metaautomountmap MiddleName=middlename
    MobileNumber=mobilenumber ModificationTimestamp=modificationtimestamp NBPEntry=NBPEntry
    NFSHomeDirectory=home NTDomainComputerAccount=ntdomaincomputeraccount NamePrefix=nameprefix
    NameSuffix=namesuffix NeighborhoodAlias=neighborhoodalias NeighborhoodType=neighborhoodtype
    NestedGroups=nestedgroups NetGroupTriplet=netgrouptriplet NetGroups=netgroups
    NetworkNumber=networknumber NetworkView=networkview NickName=nickname
    NodePathXMLPlist=nodepathxmlplist Note=note Occupation=occupation
    OrganizationInfo=organizationinfo OrganizationName=orgname
    OriginalAuthenticationAuthority=original_authentication_authority
    OriginalHomeDirectory=original_home_loc OriginalNFSHomeDirectory=original_home
    OriginalNodeName=original_node_name Owner=owner OwnerGUID=ownerguid PGPPublicKey=pgppublickey
    PagerNumber=pagernumber Password=passwd PasswordPlus=passwd-plus
    PasswordPolicyOptions=passwordpolicyoptions PasswordServerList=passwordserverlist
    PasswordServerLocation=passwordserverlocation PhoneContacts=phonecontacts
    PhoneNumber=phonenumber Picture=picture Port=port PostalAddress=postaladdress
    PostalAddressContacts=postaladdresscontacts PostalCode=zip
    PresetUserIsAdmin=preset_user_is_admin PrimaryComputerList=primarycomputerlist
    PrimaryGroupID=gid PrimaryNTDomain=primaryntdomain PrintServiceInfoText=PrintServiceInfoText
    PrintServiceInfoXML=PrintServiceInfoXML PrintServiceUserData=appleprintservice
    Printer1284DeviceID=1284deviceid PrinterLPRHost=rm PrinterLPRQueue=rp
    PrinterMakeAndModel=makeandmodel PrinterType=ty PrinterURI=uri
    PrinterXRISupported=xrisupported ProtocolNumber=protocolnumber Protocols=protocols
    PwdAgingPolicy=PwdAgingPolicy RARA=RARA RPCNumber=rpcnumber RealName=realname RealUserID=ruid
    RecordName=name Relationships=relationships ResourceInfo=resourceinfo
    ResourceType=resourcetype SMBAccountFlags=smb_acctFlags SMBGroupRID=smb_group_rid
    SMBHome=smb_home SMBHomeDrive=smb_home_drive SMBKickoffTime=smb_kickoff_time
    SMBLogoffTime=smb_logoff_time SMBLogonTime=smb_logon_time SMBPasswordLastSet=smb_pwd_last_set
    SMBPrimaryGroupSID=smb_primary_group_sid SMBProfilePath=smb_profile_path SMBRID=smb_rid
    SMBSID=smb_sid SMBScriptPath=smb_script_path SMBUserWorkstations=smb_user_workstations
    ServiceType=servicetype ServicesLocator=serviceslocator State=state Street=street
    TimePackage=timepackage TimeToLive=timetolive TotalSize=totalsize URL=URL UniqueID=uid
    UserCertificate=usercertificate UserPKCS12Data=userpkcs12data
    UserSMIMECertificate=usersmimecertificate UserShell=shell VFSDumpFreq=dump_freq VFSLinkDir=dir
    VFSOpts=opts VFSPassNo=passno VFSType=vfstype WeblogURI=webloguri XMLPlist=XMLPlist
""".split())

#: Every standard record type (``dsRecTypeStandard:NAME``).
STANDARD_RECORD_TYPES: frozenset[str] = frozenset("""
    AFPServer AFPUserAliases AccessControls Aliases All AppleMetaRecord AttributeTypes Augments
    AutoServerSetup Automount AutomountMap Bootp CertificateAuthorities ComputerGroups
    ComputerLists Computers Config Ethernets FTPServer FileMakerServers GroupAliases Groups
    HostServices Hosts LDAPServer Locations Machines MetaUserNames Mounts NFS Neighborhoods
    NetDomains NetGroups Networks PasswordServer People Plugins PresetComputerGroups
    PresetComputerLists PresetComputers PresetGroups PresetUsers PrintService PrintServiceUser
    Printers Protocols QTSServer RPC RecordTypes RefTableEntries Resources SMBServer Server
    Services SharePoints UserAliases Users WebServer
""".split())

#: Record type of the local node -> its native name (the directory of its files).
LOCAL_RECORD_TYPES: dict[str, str] = dict(pair.split("=") for pair in """
    AFPServer=afpservers AFPUserAliases=afpuser_aliases Aliases=aliases Augments=augments
    AutoServerSetup=autoserversetup Automount=automount AutomountMap=automountmap Bootp=bootp
    ComputerGroups=computergroups ComputerLists=computer_lists Computers=computers Config=config
    Ethernets=ethernets FTPServer=ftpservers Groups=groups HostServices=hostservices Hosts=hosts
    LDAPServer=ldapservers Locations=locations Machines=machines Mounts=mounts NFS=mounts
    Neighborhoods=neighborhoods NetDomains=netdomains NetGroups=netgroups Networks=networks
    PasswordServer=passwordservers People=people PresetComputerGroups=presets_computer_groups
    PresetComputerLists=presets_computer_lists PresetComputers=presets_computers
    PresetGroups=presets_groups PresetUsers=presets_users PrintService=PrintService
    PrintServiceUser=printserviceusers Printers=printers Protocols=protocols QTSServer=qtsservers
    RPC=rpcs Resources=resources SMBServer=smbservers Server=servers Services=services
    SharePoints=config/SharePoints Users=users WebServer=httpservers
    AppleMetaRecord=AppleMetaRecord MetaUserNames=MetaUserNames
""".split())
