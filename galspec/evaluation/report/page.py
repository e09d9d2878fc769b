"""Blocks as one HTML page that needs nothing else and fits a phone."""

import base64
import html
import string

from galspec.evaluation.report.blocks import Figure, LeftOut, Table, Text

__all__ = ["render_page"]

_PAGE = string.Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { color-scheme: light; --ink: #1b2433; --quiet: #5c6875; --line: #dde3e9; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; color: var(--ink);
  background: #fff; font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2.5rem 0 .75rem; padding-top: .75rem;
  border-top: 1px solid var(--line); }
p { max-width: 42rem; margin: .5rem 0; overflow-wrap: anywhere; }
a { color: #2f6690; }
nav ul { columns: 18rem; padding-left: 1.2rem; font-size: .9rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem;
  margin: .75rem 0; font-size: .9rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.tiles { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
.tile { border: 1px solid var(--line); border-radius: 6px; padding: .4rem .8rem; }
.tile b { display: block; font-size: 1.2rem; font-variant-numeric: tabular-nums; }
.tile span { color: var(--quiet); font-size: .8rem; }
.figures { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); }
figure { margin: 0; }
img { width: 100%; max-width: 34rem; height: auto; display: block; }
figcaption, caption { color: var(--quiet); font-size: .85rem; text-align: left; }
caption { padding-bottom: .3rem; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: separate; border-spacing: 0; font-size: .9rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line);
  text-align: right; white-space: nowrap; vertical-align: top; }
.words { white-space: normal; text-align: left; min-width: 16rem; }
th { font-weight: 600; }
th:first-child { text-align: left; padding-left: 0; }
tbody th { position: sticky; left: 0; background: #fff; }
.beside { display: grid; gap: 1rem 2rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
.beside > * { min-width: 0; }
.beside .wide { margin-top: 0; }
.beside table { font-size: .82rem; }
.beside td, .beside th:not(:first-child) { padding: .25rem .35rem; }
@media (max-width: 40rem) {
  table { font-size: .8rem; }
  td, th:not(:first-child) { padding: .25rem .4rem; }
  tbody th.long { white-space: normal; min-width: 7rem; }
}
.left-out { color: var(--quiet); border-left: 3px solid var(--line);
  padding-left: .7rem; }
</style>
</head>
<body>
<h1>$title</h1>
$head
<nav><ul>
$contents
</ul></nav>
$sections
</body>
</html>
""")
#: Columns with cells longer than this are prose and may be broken.
_PROSE = 40
#: Names of rows that are longer are broken on a phone.
_LONG = 14


def render_page(title, facts, notes, tiles, sections, pictures):
    """Write the page.

    Parameters
    ----------
    title : str
    facts : dict of str to str
        Where the estimates come from.
    notes : sequence of str
        Paragraphs below them.
    tiles : list of tuple of str
        The main numbers: value and what it is.
    sections : list of `~galspec.evaluation.report.blocks.Section`
    pictures : dict of str to bytes
        PNG files by the names of the figures.

    Returns
    -------
    str
        HTML; all text is escaped, all pictures are inside.
    """
    facts = "".join(f"<dt>{_e(k)}</dt><dd>{_e(v)}</dd>" for k, v in facts.items())
    head = [f"<dl>{facts}</dl>", *(f"<p>{_e(note)}</p>" for note in notes)]
    if tiles:
        boxes = (_tile(value, words) for value, words in tiles)
        head.append(f'<div class="tiles">{"".join(boxes)}</div>')
    return _PAGE.substitute(
        title=_e(title),
        head="\n".join(head),
        contents="\n".join(
            f'<li><a href="#{_anchor(s)}">{_e(s.title)}</a></li>' for s in sections
        ),
        sections="\n".join(_section(section, pictures) for section in sections),
    )


def _section(section, pictures):
    figures = [_figure(b, pictures) for b in section.blocks if isinstance(b, Figure)]
    others = [b for b in section.blocks if not isinstance(b, Figure)]
    drawn = "\n".join(figures)
    written = "\n".join(_WRITERS[type(block)](block) for block in others)
    if len(figures) == 1:
        body = f'<div class="beside">{drawn}\n<div>{written}</div></div>'
    else:
        body = f'<div class="figures">{drawn}</div>\n{written}'
    title = f"<h2>{_e(section.title)}</h2>"
    return f'<section id="{_anchor(section)}">\n{title}\n{body}\n</section>'


def _figure(block, pictures):
    data = base64.b64encode(pictures[block.name]).decode()
    text = _e(block.caption)
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{text}">'
        f"<figcaption>{text}</figcaption></figure>"
    )


def _table(block):
    prose = [
        any(len(cell) > _PROSE for cell in c) for c in zip(*block.rows, strict=True)
    ]
    kinds = [' class="words"' if is_prose else "" for is_prose in prose]
    kinds = kinds or [""] * len(block.header)
    head = "".join(
        f'<th scope="col"{kind}>{_e(cell)}</th>'
        for cell, kind in zip(block.header, kinds, strict=True)
    )
    body = "\n".join(_row(cells, kinds) for cells in block.rows)
    # a table that scrolls must be reachable by keyboard
    return (
        f'<div class="wide" tabindex="0"><table><caption>{_e(block.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
    )


def _row(cells, kinds):
    rest = "".join(
        f"<td{kind}>{_e(cell)}</td>"
        for cell, kind in zip(cells[1:], kinds[1:], strict=True)
    )
    long = ' class="long"' if len(cells[0]) > _LONG else ""
    return f'<tr><th scope="row"{long}>{_e(cells[0])}</th>{rest}</tr>'


def _tile(value, words):
    return f'<div class="tile"><b>{_e(value)}</b><span>{_e(words)}</span></div>'


def _anchor(section):
    return _e("-".join(section.key))


def _e(text):
    return html.escape(str(text))


_WRITERS = {
    Text: lambda block: f"<p>{_e(block.text)}</p>",
    LeftOut: lambda block: f'<p class="left-out">{_e(block.text)}</p>',
    Table: _table,
}
