"""Pages for people who want to know why: the lines, the playbook, its rehearsal, objections."""
