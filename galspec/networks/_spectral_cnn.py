"""The torch side of `galspec.networks.SpectralCNNConfig`."""

import torch
from torch import nn


class SpectralCNN(nn.Module):
    """See `galspec.networks.SpectralCNNConfig`.

    Convolutions are written as two-dimensional ones of height 1 in the channels-last
    layout: the same numbers, 1.5 times faster on a CPU.
    """

    def __init__(self, config, n_pix):
        super().__init__()
        layers, width, length = [], config.inputs, n_pix
        if config.stem:
            layers += [_conv(width, config.stem, kernel=7, stride=2)]
            layers += [nn.ReLU(inplace=True)]
            width, length = config.stem, (length + 1) // 2
        for channels in config.channels:
            layers += [_conv(width, channels), nn.ReLU(inplace=True)]
            # the maximum commutes with ReLU, which then has a third of the work
            layers += [_conv(channels, channels), nn.MaxPool2d((1, 3))]
            layers += [nn.ReLU(inplace=True)]
            width, length = channels, length // 3
        if not length:
            raise ValueError(
                f"{n_pix} pixels are too few for {len(config.channels)} stages that "
                "each pool by 3"
            )
        self.body = nn.Sequential(*layers)
        features = width * length
        self.hidden = None
        if config.hidden:
            self.hidden = nn.Sequential(nn.Linear(features, config.hidden), nn.ReLU())
            _he(self.hidden[0])
            features = config.hidden
        self.head = nn.Linear(features, config.outputs)
        # start from the mean label, without a random offset
        nn.init.normal_(self.head.weight, std=0.1 / features**0.5)
        nn.init.zeros_(self.head.bias)

    def forward(self, x):
        """From (n, inputs, n_pix) to (n, outputs)."""
        return self.with_features(x)[0]

    def with_features(self, x):
        """Outputs, and what the network saw: channels averaged over the spectrum."""
        x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)
        x = self.body(x)
        flat = x.flatten(1)
        outputs = self.head(flat if self.hidden is None else self.hidden(flat))
        return outputs, x.mean(dim=(2, 3))


def _conv(inputs, outputs, kernel=3, stride=1):
    layer = nn.Conv2d(inputs, outputs, (1, kernel), stride, padding=(0, kernel // 2))
    _he(layer)
    return layer.to(memory_format=torch.channels_last)


def _he(layer):
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)
