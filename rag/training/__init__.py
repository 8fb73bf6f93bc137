"""How what the project learned or took over was made: run by hand, from sources that are not part of the project.

Nothing else imports it; what it writes is read by the rooms that use it.
"""
