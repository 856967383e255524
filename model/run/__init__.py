"""One run, from its start to its hash: minds opened, calls counted, the folder written."""
