"""From round cones and plates to a depth buffer: what each pixel sees, and how near it is.

Only sums, products, quotients, square roots and comparisons of float32 numbers touch the pixels:
operations that IEEE 754 fixes to the last bit, so that another machine draws the same picture.
"""

from dataclasses import dataclass

import numpy as np

from asl_helpers.hand.solids import FOREARM, PALM, Flesh

FAR = np.float32(9.0)
"""The depth of a pixel that no solid covers."""


@dataclass(frozen=True)
class Surface:
    """What the covered pixels of one picture see; m covered pixels.

    Attributes
    ----------
    depth:
        (s, s) float32, image units, FAR where empty.
    covered:
        (m,) int64: flat indices of the covered pixels.
    normal:
        (m, 3) float32 unit vectors.
    point:
        (m, 3) float32: where the surface is.
    solid:
        (m,) int64: index of the foremost solid.
    along:
        (m,) float32: place along that solid's bone, 0 root to 1 tip, beyond them on the rounded
        ends; 0.5 for a plate.
    """

    depth: np.ndarray
    covered: np.ndarray
    normal: np.ndarray
    point: np.ndarray
    solid: np.ndarray
    along: np.ndarray


def rasterise(flesh: Flesh, size: int) -> Surface:
    """Return the Surface that a square picture of ``size`` pixels a side sees."""
    near = np.full((size, size), FAR, np.float32)
    second = near.copy()
    first_id = np.full((size, size), -1, np.int16)
    second_id = first_id.copy()
    grid = (np.arange(size, dtype=np.float32) + np.float32(0.5)) / np.float32(size)
    buffers = (near, second, first_id, second_id)
    count = len(flesh.cones)
    for index, cone in enumerate(flesh.cones.tolist()):
        _cone(cone, index, grid, size, buffers)
    for index, (corners, normal) in enumerate(
        zip(flesh.plates.tolist(), flesh.plate_normals.tolist(), strict=True)
    ):
        _plate(corners, normal, count + index, grid, size, buffers)

    covered = np.flatnonzero(near.ravel() < FAR)
    first, other = first_id.ravel()[covered], second_id.ravel()[covered]
    z_1, z_2 = near.ravel()[covered], second.ravel()[covered]
    xy = np.stack([grid[covered % size], grid[covered // size]], 1)
    normal = _normals(flesh, first, xy)
    reach = flesh.blend.astype(np.float32)[first, other]
    gap = z_2 - z_1
    mix = np.flatnonzero((other >= 0) & (gap < reach))
    if mix.size:
        # Two solids melt where they are nearly equally near (a polynomial smooth minimum).
        weight = np.float32(0.5) * (1 - gap[mix] / reach[mix])
        normal_2 = _normals(flesh, other[mix], xy[mix])
        blended = normal[mix] * (1 - weight[:, None]) + normal_2 * weight[:, None]
        length = np.sqrt(
            blended[:, 0] * blended[:, 0]
            + blended[:, 1] * blended[:, 1]
            + blended[:, 2] * blended[:, 2]
        )
        normal[mix] = blended / np.maximum(length, np.float32(1e-6))[:, None]
        z_1[mix] -= weight * weight * reach[mix]
        near.ravel()[covered[mix]] = z_1[mix]
    point = np.concatenate([xy, z_1[:, None]], 1)
    along = _along(flesh, first, point)
    surface = Surface(near, covered, normal, point, first.astype(np.int64), along)
    _melt(flesh, surface)
    return surface


def box(picture: np.ndarray, radius: int) -> np.ndarray:
    """Return a picture (h, w, ...) averaged over squares of 2 radius + 1 pixels, edges repeated.

    Sums run in float64, one number after the other, so they round the same everywhere.
    """
    window = 2 * radius + 1
    for axis in (0, 1):
        size = picture.shape[axis]
        rows = np.clip(np.arange(-radius - 1, size + radius), 0, size - 1)
        total = np.cumsum(np.take(picture, rows, axis=axis), axis=axis, dtype=np.float64)
        if axis == 0:
            picture = (total[window:] - total[:size]) / window
        else:
            picture = (total[:, window:] - total[:, :size]) / window
    return picture.astype(np.float32)


def _melt(flesh, surface):
    """Smooth palm, wrist and finger roots, in place: many solids become one flesh."""
    part = flesh.part[surface.solid]
    root = (flesh.segment[surface.solid] == 1) & (surface.along < np.float32(0.2))
    body = np.flatnonzero((part == PALM) | (part == FOREARM) | root)
    if not body.size:
        return
    size = len(surface.depth)
    at = surface.covered[body]
    rows, columns = at // size, at % size
    y0, y1, x0, x1 = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    field = np.zeros((y1 - y0, x1 - x0, 5), np.float32)
    field[rows - y0, columns - x0, :3] = surface.normal[body]
    field[rows - y0, columns - x0, 3] = surface.point[body, 2]
    field[rows - y0, columns - x0, 4] = 1
    radius = int(np.median(flesh.cones[:, 3]) * 0.50 * size + 0.5)
    if radius < 1:
        return
    smooth = box(box(field, radius), radius)[rows - y0, columns - x0]
    # Towards the outline a normal must keep turning away, or the hand looks cut from paper.
    share = np.minimum(np.float32(1.6) * -surface.normal[body, 2], np.float32(0.92))[:, None]
    mixed = surface.normal[body] * (1 - share) + smooth[:, :3] / smooth[:, 4:] * share
    surface.point[body, 2] += share[:, 0] * (smooth[:, 3] / smooth[:, 4] - surface.point[body, 2])
    surface.depth.ravel()[at] = surface.point[body, 2]
    length = np.sqrt(mixed[:, 0] ** 2 + mixed[:, 1] ** 2 + mixed[:, 2] ** 2)
    surface.normal[body] = mixed / np.maximum(length, np.float32(1e-6))[:, None]


def _window(low_x, high_x, low_y, high_y, size):
    """Return the pixel rectangle (slices) that holds these image coordinates, or None."""
    x0, x1 = max(int(low_x * size - 0.5), 0), min(int(high_x * size + 1.5), size)
    y0, y1 = max(int(low_y * size - 0.5), 0), min(int(high_y * size + 1.5), size)
    return None if x0 >= x1 or y0 >= y1 else (slice(y0, y1), slice(x0, x1))


def _cone(cone, index, grid, size, buffers):
    """Draw one round cone.

    Of the spheres c(t), r(t) the foremost point over a pixel p is the least of
    z(t) = cz(t) - sqrt(f(t)), f(t) = r(t)^2 - |p - c(t)|^2 = A + 2 B t + C t^2; setting the
    derivative to zero gives f = (B^2 - A C) / (dz^2 - C), and t from it.
    """
    ax, ay, az, ra, bx, by, bz, rb = cone
    window = _window(
        min(ax - ra, bx - rb),
        max(ax + ra, bx + rb),
        min(ay - ra, by - rb),
        max(ay + ra, by + rb),
        size,
    )
    if window is None:
        return
    ux, uy, dz, dr = bx - ax, by - ay, bz - az, rb - ra
    # One sphere inside the other (a bone along the line of sight): a hair less taper mends it.
    c = min(dr * dr - ux * ux - uy * uy, -1e-7)
    f32 = np.float32
    qx = grid[window[1]] - f32(ax)
    qy = grid[window[0]] - f32(ay)
    a = (f32(ra * ra) - qx * qx)[None, :] - (qy * qy)[:, None]
    b = (qx * f32(ux) + f32(ra * dr))[None, :] + (qy * f32(uy))[:, None]
    d = b * b - a * f32(c)
    np.maximum(d, 0, out=d)
    t = np.sqrt(d)
    t *= f32(dz / (dz * dz - c) ** 0.5)
    t -= b
    t *= f32(1 / c)
    np.maximum(t, 0, out=t)
    np.minimum(t, 1, out=t)
    f = t * f32(c)
    f += b
    f += b
    f *= t
    f += a
    hit = f > 0
    np.maximum(f, 0, out=f)
    np.sqrt(f, out=f)
    t *= f32(dz)
    t += f32(az)
    t -= f
    _keep(t, hit, index, window, buffers)


def _plate(corners, normal, index, grid, size, buffers):
    """Draw one flat triangle that faces the camera."""
    (x0, y0, z0), (x1, y1, _), (x2, y2, _) = corners
    window = _window(min(x0, x1, x2), max(x0, x1, x2), min(y0, y1, y2), max(y0, y1, y2), size)
    if window is None:
        return
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    if abs(area) < 1e-9:
        return
    f32 = np.float32
    gx, gy = grid[window[1]], grid[window[0]]

    def plane(at_x, at_y, slope_x, slope_y, value):
        return ((gx - f32(at_x)) * f32(slope_x) + f32(value))[None, :] + (
            (gy - f32(at_y)) * f32(slope_y)
        )[:, None]

    v = plane(x0, y0, (y2 - y0) / area, -(x2 - x0) / area, 0.0)
    w = plane(x0, y0, -(y1 - y0) / area, (x1 - x0) / area, 0.0)
    hit = (v >= 0) & (w >= 0) & (v + w <= 1)
    nx, ny, nz = normal
    z = plane(x0, y0, -nx / nz, -ny / nz, z0)
    _keep(z, hit, index, window, buffers)


def _keep(z, hit, index, window, buffers):
    """Enter depths into the buffers of the nearest and the second nearest solid."""
    near, second, first_id, second_id = (buffer[window] for buffer in buffers)
    np.copyto(z, FAR, where=~hit)
    nearer = z < near
    between = (z < second) & ~nearer
    np.copyto(second, z, where=between)
    np.copyto(second_id, index, where=between)
    np.copyto(second, near, where=nearer)
    np.copyto(second_id, first_id, where=nearer)
    np.copyto(near, z, where=nearer)
    np.copyto(first_id, index, where=nearer)


def _along(flesh, solid, point):
    """Return where along their solid's bone points (m, 3) lie, (m,)."""
    f32 = np.float32
    count = len(flesh.cones)
    axis = flesh.cones[:, 4:7] - flesh.cones[:, :3]
    length = np.maximum((axis * axis).sum(1), 1e-9)
    start, end = flesh.span.T
    # One linear function of x, y, z for each solid: w . p + offset.
    weight = np.zeros((len(flesh.part), 4))
    weight[:, 3] = 0.5
    weight[:count, :3] = axis * ((end - start)[:count] / length)[:, None]
    weight[:count, 3] = start[:count] - (weight[:count, :3] * flesh.cones[:, :3]).sum(1)
    wx, wy, wz, offset = weight.T.astype(f32)[:, solid]
    return point[:, 0] * wx + point[:, 1] * wy + point[:, 2] * wz + offset


def _normals(flesh, solid, xy):
    """Return the unit normals (m, 3) of these solids at these pixels."""
    f32 = np.float32
    count = len(flesh.cones)
    normal = np.empty((len(solid), 3), f32)
    flat = solid >= count
    if flat.any():
        normal[flat] = flesh.plate_normals.astype(f32)[solid[flat] - count]
    on_cone = np.flatnonzero(~flat)
    cones = flesh.cones
    u = cones[:, 4:7] - cones[:, :3]
    dr = cones[:, 7] - cones[:, 3]
    c = np.minimum(dr * dr - u[:, 0] * u[:, 0] - u[:, 1] * u[:, 1], -1e-7)
    table = np.stack(
        [
            cones[:, 0],
            cones[:, 1],
            cones[:, 3],
            u[:, 0],
            u[:, 1],
            dr,
            cones[:, 3] ** 2,
            cones[:, 3] * dr,
            c,
            1 / c,
            u[:, 2] / np.sqrt(u[:, 2] * u[:, 2] - c),
        ]
    ).astype(f32)
    ax, ay, ra, ux, uy, dr, rr, rdr, c, inverse, slope = table[:, solid[on_cone]]
    qx, qy = xy[on_cone, 0] - ax, xy[on_cone, 1] - ay
    a = rr - qx * qx - qy * qy
    b = rdr + qx * ux + qy * uy
    t = (slope * np.sqrt(np.maximum(b * b - a * c, 0)) - b) * inverse
    np.maximum(t, 0, out=t)
    np.minimum(t, 1, out=t)
    radius = ra + t * dr
    nx, ny = (qx - t * ux) / radius, (qy - t * uy) / radius
    normal[on_cone, 0], normal[on_cone, 1] = nx, ny
    normal[on_cone, 2] = -np.sqrt(np.maximum(1 - nx * nx - ny * ny, 0))
    return normal
