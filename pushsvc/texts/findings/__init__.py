"""One module for each fault that a text may have; every one answers with findings and changes nothing."""
