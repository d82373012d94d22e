"""Fit the kinematic hand to real landmarks and print rows for the pose table.

    ASL_DATA_DIR=folder python -m tools.fit_poses [LETTERS] [--per 60]

The folder holds landmarks_asl_alphabet.npz and landmarks_fingerspelling5_signer_A.npz to _D.npz.
For each letter and signer some hands are drawn; joint angles, wrist, size, distance and the
picture's aspect are moved by gradient descent until the projected joints lie on the landmarks
(x and y; depth counts little). The fits of a letter are clustered by shape and direction; what is
printed are medians, to be rounded, judged and named by a person before they enter
`asl_helpers/hand/poses.txt`. Nothing of it is used in training, and no landmark is kept.
"""

import argparse
from pathlib import Path

import numpy as np
import tensorflow as tf
from sklearn.cluster import KMeans

from asl_helpers import hand
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.hand import body, scene
from benchmarks.people import SIGNERS
from benchmarks.record import real_folder

STEPS = 220
SPREAD = 0.05  # palm lengths: how far landmarks may lie from the joints
DEPTH_SPREAD = 0.25
# Degrees: how far a fit may wander from the pose it starts at; sideways hinges less.
ANGLE_SPREAD = np.full(21, 25, np.float32)
ANGLE_SPREAD[6::4] = 8
SAME_SHAPE = 0.17  # palm lengths: clusters are split until their joints differ by less
MIRRORED = ("A", "B", "C", "D")  # these sets show hands mirrored against the other


def observe(folder: Path, letters: str, per: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return landmarks (n, 21, 3) in palm lengths from the wrist, letters (n,), signers (n,)."""
    rng = np.random.default_rng(0)
    points, names, signers = [], [], []
    for number, (signer, file) in enumerate(SIGNERS.items()):
        with np.load(folder / file, allow_pickle=False) as data:
            every, labels = data["landmarks"], data["labels"]
        for letter in letters:
            rows = np.flatnonzero(labels == letter)
            rows = rng.choice(rows, min(per, len(rows)), replace=False)
            found = every[rows] - every[rows, :1]
            found[..., 0] *= -1 if signer in MIRRORED else 1
            palm = np.linalg.norm(found[:, 5:18:4, :2], axis=-1).mean(axis=1)
            points.append(found / palm[:, None, None])
            names += [letter] * len(rows)
            signers += [number] * len(rows)
    return np.concatenate(points).astype(np.float32), np.array(names), np.array(signers)


def starts(points: np.ndarray, names: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows (m,), angles (m, 21), rotations (m, 3, 3): each hand from every known pose.

    Each pose starts as the table turns it, and as it lies best on the landmarks in space, with
    their depth taken whole or for less than half.
    """
    rows, angles, turns = [], [], []
    for letter in np.unique(names):
        of_letter = np.flatnonzero(names == letter)
        for pose in hand.variants(letter):
            joints = body.forward(pose.angles[None]).repeat(len(of_letter), axis=0)
            table = scene.wrist_rotation(pose.wrist.mean(axis=1)[None])
            for turn in (
                table.repeat(len(of_letter), axis=0),
                laid_on(joints, points[of_letter]),
                laid_on(joints, points[of_letter] * [1, 1, 0.4]),
            ):
                rows.append(of_letter)
                angles.append(pose.angles[None].repeat(len(of_letter), axis=0))
                turns.append(turn)
    rows, angles, turns = (np.concatenate(part) for part in (rows, angles, turns))
    return rows, angles.astype(np.float32), turns.astype(np.float32)


def laid_on(joints: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the rotations (n, 3, 3) that bring joints nearest to points (Kabsch, 1976)."""
    left, _, right = np.linalg.svd(np.einsum("nki,nkj->nij", joints, points))
    proper = np.eye(3).repeat(len(joints)).reshape(3, 3, -1).transpose(2, 0, 1).copy()
    proper[:, 2, 2] = np.sign(np.linalg.det(left @ right))
    return (left @ proper @ right).transpose(0, 2, 1)


def forward(angles: tf.Tensor) -> tf.Tensor:
    """`body.forward` for the typical hand, (n, 21) degrees to (n, 21, 3), differentiable."""
    radian = np.float32(np.pi / 180)
    n = tf.shape(angles)[0]
    thumb, fingers = angles[:, :5], tf.reshape(angles[:, 5:], (n, 4, 4))
    zero = tf.zeros((n, 1))
    roll = tf.tile(body._ROLL[None], (n, 1))
    turn = tf.concat([90 - thumb[:, 2:3], roll], 1) * radian
    heading = tf.concat([thumb[:, :1], body._FAN + fingers[..., 1]], 1) * radian
    tilt = tf.concat([thumb[:, 1:2], tf.zeros((n, 4))], 1) * radian
    first = tf.concat([zero, fingers[..., 0]], 1)
    bends = tf.concat([thumb[:, None, 3:], fingers[:, :, 2:]], 1)
    flexion = tf.cumsum(tf.concat([first[..., None], bends], 2), axis=2) * radian
    (ch, ct, cr), (sh, st, sr) = ([f(a) for a in (heading, tilt, turn)] for f in (tf.cos, tf.sin))
    out = -tf.stack([-sh * ct, ch * ct, st], -1)[:, :, None]
    inward = -tf.stack([ch * sr + sh * st * cr, sh * sr - ch * st * cr, ct * cr], -1)[:, :, None]
    steps = tf.cos(flexion)[..., None] * out + tf.sin(flexion)[..., None] * inward
    bases = tf.tile(body.BASES[None, :, None], (n, 1, 1, 1))
    chains = bases + tf.cumsum(steps * body.LENGTHS[..., None], axis=2)
    chains = tf.reshape(tf.concat([bases, chains], 2), (n, 20, 3))
    return tf.concat([tf.zeros((n, 1, 3)), chains], 1)


def turned(axis: tf.Tensor) -> tf.Tensor:
    """Return the rotations (n, 3, 3) about vectors (n, 3) by their length in radians."""
    angle = tf.sqrt(tf.reduce_sum(axis**2, -1, keepdims=True) + 1e-8)
    x, y, z = tf.unstack(axis / angle, axis=1)
    o = tf.zeros_like(x)
    cross = tf.reshape(tf.stack([o, -z, y, z, o, -x, -y, x, o], 1), (-1, 3, 3))
    angle = angle[..., None]
    return tf.eye(3) + tf.sin(angle) * cross + (1 - tf.cos(angle)) * cross @ cross


def fit(points: np.ndarray, angles: np.ndarray, turns: np.ndarray, square: np.ndarray):
    """Return the fitted angles (m, 21), rotations (m, 3, 3), losses (m,) and errors (m,).

    Errors are mean distances on screen in palm lengths; ``square`` (m,) marks pictures whose
    aspect is known to be 1.
    """
    m = len(points)
    low, high = np.array(list(body.LIMITS.values()), np.float32).T
    start = tf.constant(angles)
    bend = tf.Variable(tf.zeros((m, 21)))
    axis, size = tf.Variable(tf.zeros((m, 3))), tf.Variable(tf.zeros(m))
    aspect, distance = tf.Variable(tf.zeros(m)), tf.Variable(tf.zeros(m))
    shift = tf.Variable(tf.zeros((m, 2)))
    variables = [bend, axis, size, aspect, distance, shift]
    aspect_spread = np.where(square, 0.01, 0.3).astype(np.float32)
    optimiser = tf.keras.optimizers.Adam(0.04, beta_2=0.99)

    def robust(squares: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(2 * (tf.sqrt(1 + squares) - 1), axis=1)

    @tf.function
    def step() -> tuple[tf.Tensor, ...]:
        with tf.GradientTape() as tape:
            bent = start + 30 * bend
            turn = turned(axis) @ turns
            joints = tf.einsum("nij,nkj->nki", turn, forward(bent))
            away = 8 * tf.exp(distance)[:, None]
            near = away / tf.maximum(away + joints[..., 2], 1.0) * tf.exp(size)[:, None]
            flat = joints[..., :2] * near[..., None] + shift[:, None]
            flat *= tf.stack([tf.ones(m), tf.exp(aspect)], -1)[:, None]
            off = tf.reduce_sum((flat - points[..., :2]) ** 2, -1)
            depth = (joints[..., 2] * tf.exp(size)[:, None] - points[..., 2]) ** 2
            outside = tf.nn.relu(bent - high) + tf.nn.relu(low - bent)
            loss = robust(off / SPREAD**2) + 0.5 * robust(depth / DEPTH_SPREAD**2)
            loss += tf.reduce_sum((outside / 5) ** 2, 1)
            loss += 0.5 * tf.reduce_sum(((bent - start) / ANGLE_SPREAD) ** 2, 1)
            loss += (aspect / aspect_spread) ** 2 + (distance / 0.4) ** 2
            loss += tf.reduce_sum((shift / 0.05) ** 2, 1)
        optimiser.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return bent, turn, loss, tf.reduce_mean(tf.sqrt(off), 1)

    for number in range(STEPS):
        if number == int(0.6 * STEPS):
            optimiser.learning_rate.assign(0.015)
        found = step()
    return tuple(part.numpy() for part in found)


def wrist_turns(rotations: np.ndarray) -> np.ndarray:
    """Return point, tilt and palm, (n, 3) degrees, of rotations (n, 3, 3)."""
    point = np.arctan2(-rotations[:, 0, 1], rotations[:, 1, 1])
    tilt = np.arcsin(rotations[:, 2, 1].clip(-1, 1))
    palm = np.arctan2(-rotations[:, 2, 0], rotations[:, 2, 2])
    return np.rad2deg(np.stack([point, tilt, palm], axis=1))


def report(letter: str, angles: np.ndarray, turns: np.ndarray, signers: np.ndarray) -> None:
    """Print a row for each cluster: its share, median angles and the middle 70 % of the wrist."""
    joints = scene.rotate(turns.astype(np.float32), body.forward(body.clamp(angles)))
    shapes = (joints * [1, 1, 0.6]).reshape(len(joints), -1)
    weight = 1 / np.bincount(signers)[signers]  # each signer counts the same
    weight /= weight.sum()
    for count in range(1, 6):
        means = KMeans(count, n_init=4, random_state=0).fit(shapes, sample_weight=weight)
        away = (shapes - means.cluster_centers_[means.labels_]) ** 2
        if np.sqrt(weight @ away.sum(axis=1) / 21) < SAME_SHAPE:
            break
    wrist = wrist_turns(turns)
    for cluster in range(count):
        rows = means.labels_ == cluster
        middle = np.median(wrist[rows], axis=0)
        near = (wrist[rows] - middle + 180) % 360 - 180 + middle
        low, high = np.percentile(near, [15, 85], axis=0)
        cells = np.split(np.median(angles[rows], axis=0), [5, 9, 13, 17])
        cells = [" ".join(f"{value:4.0f}" for value in cell) for cell in cells]
        cells.append(" ".join(f"{a:.0f}:{b:.0f}" for a, b in zip(low, high, strict=True)))
        print(f"{letter} {weight[rows].sum():.2f} | {' | '.join(cells)}", flush=True)


def main() -> None:
    """Read real hands, fit, and print a row for each cluster of a letter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("letters", nargs="?", default="".join(STATIC_LETTERS))
    parser.add_argument("--per", type=int, default=60, help="hands a letter and signer")
    options = parser.parse_args()
    folder = real_folder("the landmark files")
    tried = np.random.default_rng(0).uniform(-20, 60, (5, 21)).astype(np.float32)
    np.testing.assert_allclose(forward(tf.constant(tried)), body.forward(tried), atol=1e-4)

    points, names, signers = observe(folder, options.letters.upper(), options.per)
    rows, angles, turns = starts(points, names)
    square = signers[rows] == list(SIGNERS).index("ASL Alphabet")
    angles, turns, loss, error = fit(points[rows], angles, turns, square)
    best = np.full(len(points), -1)
    for place in np.argsort(-loss):
        best[rows[place]] = place
    print(f"{len(points)} hands; median error {np.median(error[best]):.3f} palm lengths")
    good = error[best] < 0.055  # what is worse is mostly a mistake of the tracker
    for letter in np.unique(names):
        chosen = good & (names == letter)
        report(letter, angles[best[chosen]], turns[best[chosen]], signers[chosen])


if __name__ == "__main__":
    main()
