"""Values as pages: templates, tables, previews."""
