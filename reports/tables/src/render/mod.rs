//! A table in Markdown, CSV, LaTeX, HTML and JSON.
