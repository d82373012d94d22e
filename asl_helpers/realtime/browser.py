"""Frames from the camera of the browser in which a Colab notebook runs.

Colab's machine has no camera, the reader's has. JavaScript in the cell's output asks the browser
for it (``navigator.mediaDevices.getUserMedia``, which asks the reader) and hands each frame over
when Python calls (``google.colab.output.eval_js``). Nothing is kept, but frames do travel to the
notebook's machine.
"""

import base64
import binascii
import io
import time
from collections.abc import Callable, Iterator

import numpy as np

from asl_helpers.errors import first_line
from asl_helpers.realtime.frames import Frame, Patience, Source, SourceError, checked

_PATIENCE = 5.0  # seconds without a picture until the browser counts as gone
_ASKING = 60.0  # seconds for the reader to answer the browser's question

_SCRIPT = """
async function aslStart(width, height) {
  if (window.aslStop) window.aslStop();
  window.aslLate = false;
  if (!navigator.mediaDevices) throw new Error('NotSupportedError: no camera for this page');
  const stream = await navigator.mediaDevices.getUserMedia({video: {width, height}});
  const video = document.createElement('video');
  window.aslStop = () => {
    stream.getTracks().forEach((track) => track.stop());
    video.remove();
    window.aslStop = null;
    window.aslFrame = () => '';
  };
  try {
    if (window.aslLate) throw new Error('AbortError: the answer came too late');
    video.muted = video.playsInline = true;
    video.style.display = 'none';
    document.body.appendChild(video);
    video.srcObject = stream;
    await video.play();
  } catch (error) {
    window.aslStop();
    throw error;
  }
  const canvas = document.createElement('canvas');
  window.aslFrame = () => {
    if (!stream.active) return '';
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d').drawImage(video, 0, 0);
    return canvas.toDataURL('image/jpeg', 0.8);
  };
  return 'ready';
}
"""

_ADVICE = {
    "NotAllowedError": "Allow it for this page (the camera sign in the address bar)",
    "NotFoundError": "Connect a camera",
    "NotReadableError": "Close the other program or tab that uses it",
    "NotSupportedError": "Use a browser that lets this page ask for one, such as Chrome",
}
"""What helps against the errors that browsers name."""


class ColabSource(Source):
    """The camera of the browser in which a Colab notebook runs.

    Frames travel from the browser to the notebook's machine as JPEG, one for each call: some ten
    a second. The browser asks the reader first.

    Parameters
    ----------
    width, height:
        The size to ask the browser for.
    evaluate:
        Runs JavaScript in the page and returns its value, or None after ``timeout_sec``, as
        ``google.colab.output.eval_js``.
    patience:
        Seconds without a picture until the stream ends with a message.
    """

    live = True

    def __init__(
        self,
        width: int = 640,
        height: int = 480,
        evaluate: Callable[..., str | None] | None = None,
        patience: float = _PATIENCE,
    ) -> None:
        """Ask the browser for its camera."""
        super().__init__("the browser's camera")
        self._patience = patience
        self._evaluate = evaluate or _colab()
        start = f"{_SCRIPT}\naslStart({int(width)}, {int(height)})"
        try:
            answer = self._evaluate(start, timeout_sec=_ASKING)
        except Exception as error:  # Colab wraps whatever the page throws in its own types
            raise SourceError(
                f"The browser gives no camera ({first_line(error)}). {_advice(error)} and run the "
                "cell again."
            ) from error
        if answer != "ready":
            self._late()
            raise SourceError(
                f"The browser was asked for its camera, and nobody answered in {_ASKING:.0f} "
                "seconds. Run the cell again and answer the question near the address bar; if "
                "there is none, reload the page first."
            )

    def _frames(self) -> Iterator[Frame]:
        start = time.monotonic()
        patience = Patience(
            self._patience,
            "The browser's camera stopped giving pictures: it may have been unplugged, or the page "
            "closed. Allow it again, or run the cell again.",
        )
        while not self.closed:
            picture = self._picture()
            if picture is None:
                patience.missed()
            else:
                patience.came()
                yield Frame(picture, time.monotonic() - start)

    def _picture(self) -> np.ndarray | None:
        from PIL import Image

        try:
            # A page that was closed never answers.
            address = self._evaluate("aslFrame()", timeout_sec=self._patience) or ""
            content = base64.b64decode(address.partition(",")[2], validate=True)
            with Image.open(io.BytesIO(content)) as picture:
                return checked(np.asarray(picture.convert("RGB")))
        except (OSError, ValueError, binascii.Error):
            return None
        except Exception as error:  # the page is gone, or Colab's bridge to it
            raise SourceError(
                f"The browser's camera broke off ({first_line(error)}). Run the cell again."
            ) from error

    def _late(self) -> None:
        """Have a camera that is allowed after all switched off at once."""
        try:
            self._evaluate("window.aslLate = true", timeout_sec=1.0)
        except Exception:  # there is no page to ask
            return

    def close(self) -> None:
        """Switch the browser's camera off."""
        if not self.closed:
            super().close()
            try:
                self._evaluate("window.aslStop && window.aslStop()", timeout_sec=self._patience)
            except Exception:  # the page may be closed already, and its camera with it
                return


def _colab() -> Callable[..., str | None]:
    """Return Colab's way to run JavaScript in the page."""
    try:
        from google.colab.output import eval_js
    except ImportError as error:
        raise SourceError(
            "The source colab works in a Colab notebook only. Use a camera's number here."
        ) from error
    return eval_js


def _advice(error: Exception) -> str:
    for name, advice in _ADVICE.items():
        if name in str(error):
            return advice
    return _ADVICE["NotAllowedError"]
