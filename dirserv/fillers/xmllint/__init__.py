"""xmllint: check, print and search XML files.

Options, texts and exit statuses are libxml2's xmllint's (2.9.14), found by running it. Reading is
expat's, XPath is elementpath's; both need nothing but Python, so that a bare host Python can load
them from a directory. Of a file with several faults the first is said. Not kept: an internal DTD
subset; not searched: comments outside of the root element.
"""
