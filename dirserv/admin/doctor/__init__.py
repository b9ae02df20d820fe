"""The checks behind ``darling-dirserv doctor``: what is wrong with a root, and what helps."""
