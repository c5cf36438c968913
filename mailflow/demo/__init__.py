"""The demo: mailflow at its main job, on a mail world of its own inside the process."""
