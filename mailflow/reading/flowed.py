"""``format=flowed`` text back into paragraphs (RFC 3676 §4)."""

__all__ = ["unflowed"]

_SIGNATURE = "-- "


def unflowed(text: str, *, delete_space: bool = False) -> str:
    """Join the soft-broken lines; quote depth, space stuffing and signature marks are kept right.

    ``delete_space`` is the parameter ``DelSp=yes``. A soft line before another depth or a
    signature mark ends its paragraph all the same (§4.5).
    """
    lines: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        soft = content.endswith(" ") and content != _SIGNATURE
        if open_depth == depth and content != _SIGNATURE:
            lines[-1].append(content)
        else:
            lines.append([f"{'>' * depth} " if depth else "", content])
        if soft and delete_space:
            lines[-1][-1] = content[:-1]
        open_depth = depth if soft else -1
    return "\n".join("".join(pieces) for pieces in lines)
