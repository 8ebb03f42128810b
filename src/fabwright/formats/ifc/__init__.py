"""IFC in and out: panels from IFC2x3, IFC4 and IFC4X3 files, and panels written as IFC4."""
