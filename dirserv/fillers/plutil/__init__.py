"""plutil: check, convert, print and edit property lists.

Grammar, sentences, streams and exit statuses are those of Apple's published source (plutil of
swift-corelibs-foundation, 2024; what is wrong in an XML list is said in the words of
CFPropertyList.c there). Not read: old-style property lists; not written: Swift and Objective-C.
"""
