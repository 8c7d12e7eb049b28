def escape(cr: float, ci: float) -> int:
    zr = zi = 0.0
    i = 0
    while True:
        rr = zr * zr
        ii = zi * zi
        if i == 50 or rr + ii > 4.0:
            return i
        zi = 2.0 * zr * zi + ci
        zr = rr - ii + cr
        i += 1


def run(size: int) -> int:
    total = 0
    for y in range(size):
        for x in range(size):
            total += escape(3.0 * x / size - 2.0, 2.0 * y / size - 1.0)
    return total
