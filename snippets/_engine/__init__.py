"""What turns snippets into pages: run them, keep their results, put both into Markdown.

source.py    reads a snippet: its sections, and the line that computes each value
run.py       runs all snippets and labs, keeps results under a hash of what made them
labs.py      runs the labs and keeps them as notebooks
figures.py   the style of the figures; one SVG for both themes, PDF and CSV beside it
plotted.py   what a figure shows, read back from it: its data, its description
registry.py  docs/equations.toml, read and checked
results.py   what the last execution gave
pages.py     writes the pages that are generated: one listing a snippet
wheel.py     the package as a file to install
cards.py     turns an entry of docs/equations.toml into the Markdown of its card
maths.py     LaTeX to MathML, symbols marked so that equation, code and figure agree
extension.py the Markdown extension: values, cards, figures, outputs, maths
__main__.py  the commands: execute, site, serve
"""
