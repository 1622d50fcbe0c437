"""Keep pytest --nbval from running the fixtures."""

collect_ignore_glob = ["fixtures/*"]
