"""Print the numbers that snippets/migrate.py records."""

from tests.peers import main

main()
