"""darling-dirserv: the admin's side, apart from the commands that stand in for Apple's."""
