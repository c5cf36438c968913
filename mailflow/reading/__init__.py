"""Understanding any mail the world sends: bytes in, ``core.message.Message`` out.

``read`` works in this process and never raises; ``Reader`` works in a process of its own, under
limits of time and memory, and is what the service uses. Nothing here opens a connection.
"""

from mailflow.reading.limits import Limits
from mailflow.reading.mail import read
from mailflow.reading.worker import Reader, ReadingFailed

__all__ = ["Limits", "Reader", "ReadingFailed", "read"]
