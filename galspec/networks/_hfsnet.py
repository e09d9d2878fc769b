"""The torch side of `galspec.networks.HFSNetConfig`."""

import torch
from torch import nn

from galspec.networks._layers import as_image, convolution, he, small

#: Lines are a few tenths deep; times this they are of order one, as weights are.
CONTRAST = 5.0


class HFSNet(nn.Module):
    """See `galspec.networks.HFSNetConfig`."""

    def __init__(self, config, n_pix):
        super().__init__()
        self.streams, self.fusion = nn.ModuleDict(), nn.ModuleDict()
        for name, inputs in (("continuum", 1), ("normalised", 2)):
            if getattr(config, name) is not None:
                stream = getattr(config, name).build(inputs, n_pix)
                self.streams[name] = stream
                self.fusion[name] = nn.Sequential(
                    nn.AdaptiveAvgPool2d((1, config.length)),
                    convolution(stream.channels, config.width, kernel=1),
                )
        self.head = config.head.build(config.width, config.length)
        layers, width = [], self.head.channels * self.head.length
        for narrower in config.widths:
            layers += [he(nn.Linear(width, narrower)), nn.ReLU(inplace=True)]
            layers += [nn.Dropout(config.dropout)]
            width = narrower
        self.dense = nn.Sequential(*layers)
        self.outputs = small(nn.Linear(width, config.outputs))

    @property
    def penalty(self):
        """What the fit loop adds to its loss: what the parts ask for."""
        parts = (part for part in self.modules() if part is not self)
        return sum(getattr(part, "penalty", 0.0) for part in parts)

    def forward(self, x):
        """From (n, 3, n_pix) to (n, outputs)."""
        return self.with_features(x)[0]

    def with_features(self, x):
        """Outputs, and what the network saw: the last dense layer."""
        views = {"continuum": x[:, 2:], "normalised": centred(x[:, :2])}
        fused = sum(
            self.fusion[name](stream(as_image(views[name])))
            for name, stream in self.streams.items()
        )
        seen = self.dense(self.head(fused).flatten(1))
        return self.outputs(seen), seen


def centred(x):
    """Depths of lines, 0 where there is none or the pixel is masked; and the mask."""
    flux, good = x[:, :1], x[:, 1:]
    return torch.cat([CONTRAST * (flux - good), 1 - good], dim=1)
