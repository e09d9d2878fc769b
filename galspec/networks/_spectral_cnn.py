"""The torch side of `galspec.networks.SpectralCNNConfig`."""

from torch import nn

from galspec.networks._layers import as_image, convolution, he, small


class SpectralCNN(nn.Module):
    """See `galspec.networks.SpectralCNNConfig`."""

    def __init__(self, config, n_pix):
        super().__init__()
        layers, width, length = [], config.inputs, n_pix
        if config.stem:
            layers += [convolution(width, config.stem, kernel=7, stride=2)]
            layers += [nn.ReLU(inplace=True)]
            width, length = config.stem, (length + 1) // 2
        for channels in config.channels:
            layers += [convolution(width, channels), nn.ReLU(inplace=True)]
            # the maximum commutes with ReLU, which then has a third of the work
            layers += [convolution(channels, channels), nn.MaxPool2d((1, 3))]
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
            self.hidden = nn.Sequential(
                he(nn.Linear(features, config.hidden)), nn.ReLU()
            )
            features = config.hidden
        self.head = small(nn.Linear(features, config.outputs))

    def forward(self, x):
        """From (n, inputs, n_pix) to (n, outputs)."""
        return self.with_features(x)[0]

    def with_features(self, x):
        """Outputs, and what the network saw: channels averaged over the spectrum."""
        x = self.body(as_image(x))
        flat = x.flatten(1)
        outputs = self.head(flat if self.hidden is None else self.hidden(flat))
        return outputs, x.mean(dim=(2, 3))
