"""Right and plausibly wrong answers to the exercises of chapter 6."""

import numpy as np

from asl_helpers.checks import ch06


def depthwise(images, kernels):
    rows, columns, _ = kernels.shape
    height, width = images.shape[1] - rows + 1, images.shape[2] - columns + 1
    out = 0
    for i in range(rows):
        for j in range(columns):
            out = out + images[:, i : i + height, j : j + width] * kernels[i, j]
    return out


def separable_cost(size, kernel, channels, filters):
    parameters = kernel**2 * channels + channels * filters
    return parameters, size**2 * parameters


def inverted_parameters(channels, filters, expansion):
    wide = expansion * channels
    return (channels + 4) * wide + (9 + 4) * wide + (wide + 4) * filters


def excited(squeezed, w1, b1, w2, b2):
    scales = 1 / (1 + np.exp(-(np.maximum(squeezed @ w1 + b1, 0) @ w2 + b2)))
    return scales[..., None, None, :]


def attention(maps, *weights):
    return maps * excited(maps.mean(axis=(1, 2)), *weights)


REFERENCES = {
    ch06.depthwise: (depthwise,),
    ch06.separable_cost: (separable_cost,),
    ch06.inverted_parameters: (inverted_parameters,),
    ch06.attention: (attention,),
}


def standard(images, kernels):
    return depthwise(images, kernels).sum(axis=-1, keepdims=True)


def one_kernel(images, kernels):
    return depthwise(images, np.repeat(kernels[..., :1], kernels.shape[-1], axis=-1))


def multiplies_in_place(images, kernels):
    images *= 1.0 + kernels.max()
    return images


def both(parameters):
    def cost(size, kernel, channels, filters):
        count = parameters(kernel, channels, filters)
        return count, size**2 * count

    return cost


def with_softmax(maps, w1, b1, w2, b2):
    exps = np.exp(np.maximum(maps.mean(axis=(1, 2)) @ w1 + b1, 0) @ w2 + b2)
    return maps * (exps / exps.sum(axis=1, keepdims=True))[:, None, None]


def without_relu(maps, w1, b1, w2, b2):
    scales = 1 / (1 + np.exp(-((maps.mean(axis=(1, 2)) @ w1 + b1) @ w2 + b2)))
    return maps * scales[:, None, None]


WRONG = [
    (ch06.depthwise, standard, 1, "as many maps out as in"),
    (ch06.depthwise, lambda x, k: depthwise(x, k).sum(axis=-1), 0, "standard convolution"),
    (ch06.depthwise, one_kernel, 1, "first channel's kernel"),
    (ch06.depthwise, lambda x, k: depthwise(x, k[::-1, ::-1]), 1, "turned round"),
    (ch06.depthwise, lambda x, k: depthwise(x, k.transpose(1, 0, 2)), 1,
     "Rows and columns"),
    (ch06.depthwise, lambda x, k: np.moveaxis(depthwise(x, k), -1, 1), 0, "belong last"),
    (ch06.depthwise, lambda x, k: depthwise(x, k).sum(axis=(1, 2)), 0, "became one number"),
    (ch06.depthwise, multiplies_in_place, 0, "work on a copy"),
    (ch06.separable_cost, both(lambda r, c, k: r**2 * c * k), 0, "they are multiplied"),
    (ch06.separable_cost, both(lambda r, c, k: r**2 * c), 0, "mixing is missing"),
    (ch06.separable_cost, both(lambda r, c, k: c * k), 0, "filtering of each channel"),
    (ch06.separable_cost, lambda *given: separable_cost(*given)[::-1], 0.75, "exchanged"),
    (ch06.separable_cost, both(lambda r, c, k: r * c + c * k), 0.75, "not kernel"),
    (ch06.separable_cost, both(lambda r, c, k: r**2 * k + c * k), 0, "not for each filter"),
    (ch06.separable_cost, both(lambda r, c, k: r**2 * (c + c * k)), 0.75, "paid for in"),
    (ch06.separable_cost,
     lambda h, r, c, k: (separable_cost(h, r, c, k)[0], h * separable_cost(h, r, c, k)[0]), 0.75,
     "size × size places"),
    (ch06.separable_cost,
     lambda h, r, c, k: (separable_cost(h, r, c, k)[0] + c + k, separable_cost(h, r, c, k)[1]), 0,
     "no biases"),
    (ch06.inverted_parameters, lambda c, k, t: t * c * (c + 9 + k), 0, "is missing: four numbers"),
    (ch06.inverted_parameters, lambda c, k, t: t * c * (c + 9 + k + 4) + 2 * k, 0,
     "keeps four numbers"),
    (ch06.inverted_parameters, lambda c, k, t: t * c * (c + 4 + 9 * t * c + 4 + k) + 4 * k, 0,
     "is depthwise"),
    (ch06.inverted_parameters, lambda c, k, t: inverted_parameters(c, k, t) + c * k, 0,
     "shortcut has no weights"),
    (ch06.inverted_parameters, lambda c, k, t: inverted_parameters(c, k, 1), 0,
     "`expansion` is not used"),
    (ch06.inverted_parameters, lambda c, k, t: inverted_parameters(c, k, t) - 4 * k, 0,
     "follows it too"),
    (ch06.inverted_parameters, lambda c, k, t: c // t * (c + 9 + k + 8) + 4 * k, 0,
     "thin in the middle"),
    (ch06.attention, with_softmax, 0, "This is softmax"),
    (ch06.attention, lambda x, *w: x * excited(x.sum(axis=(1, 2)), *w), 0,
     "not the sum"),
    (ch06.attention, lambda x, *w: x * excited(x.mean(axis=(0, 1, 2)), *w), 2,
     "scales of its own"),
    (ch06.attention, without_relu, 0, "ReLU between"),
    (ch06.attention, lambda x, *w: excited(x.mean(axis=(1, 2)), *w)[:, 0, 0], 0,
     "the scales alone"),
]  # fmt: skip
