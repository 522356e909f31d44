"""The demo: the whole service on the sample city, with a killed worker, a switch turned off and a birth."""
