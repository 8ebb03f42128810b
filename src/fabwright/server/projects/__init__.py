"""Projects and how their files are read: the folder that everything of the making side lies in."""
