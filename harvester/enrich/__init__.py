"""Layer 2, meaning: portal JSON lifted and shaped into DCAT and schema.org by the files in mappings/."""
