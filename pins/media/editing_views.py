"""Making new files out of those of the library: cropped images, covers for videos.

A script gets the new file as JSON, or 400 with a sentence; a plain form gets its page.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.middleware import WorkspaceRequest
from pins import limits
from pins.models import MediaFile

from . import editing as media_editing
from .forms import CropForm, FrameForm
from .storage import MediaRefused
from .views import find_media, for_script, is_script, sentence

NO_POSITION = "Move the frame over the part that you want to keep, then try again."
NO_FRAME = "Choose one of the frames."


@require_http_methods(["GET", "POST"])
def media_crop(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show the image with a frame to move (“Crop to 2:3”), or store a new image of what is in the frame."""
    media = find_media(request, pk, for_editing=True)
    if media.is_video:
        raise Http404("Only images can be cropped.")
    frame = media_editing.CropFrame.of(media)
    if request.method == "GET":
        left, top, _, _ = frame.box(media_editing.CENTRE)
        context = {"media": media, "frame": frame, "left": left, "top": top, "limits": limits}
        context["is_small"] = frame.width < limits.IDEAL_SIZE[0]
        return render(request, "pins/media_crop.html", context)
    form = CropForm(request.POST)
    if not form.is_valid():
        return _refused(request, NO_POSITION, "pins:media_crop", pk)
    try:
        cropped = media_editing.crop_to_ideal(media, form.cleaned_data["position"], request.user)
    except MediaRefused as refusal:
        return _refused(request, refusal.message, "pins:media_detail", pk)
    return _made(request, cropped, f"New image saved. “{media}” is still in your library.")


@require_http_methods(["GET", "POST"])
@vary_on_headers("X-Requested-With")
def media_frames(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show frames of a video to choose a cover image from, or store the chosen one in full size."""
    video = find_media(request, pk, for_editing=True)
    if not video.is_video:
        raise Http404("Only videos have frames to choose from.")
    if request.method == "GET":
        try:
            frames = media_editing.frames_of(video)
        except MediaRefused as refusal:
            return _refused(request, refusal.message, "pins:media_detail", pk)
        template = "pins/_media_frames.html" if is_script(request) else "pins/media_frames.html"
        return render(request, template, {"media": video, "frames": frames})
    form = FrameForm(request.POST)
    if not form.is_valid():
        return _refused(request, NO_FRAME, "pins:media_frames", pk)
    try:
        cover = media_editing.frame_as_cover(video, form.cleaned_data["at_seconds"], request.user)
    except MediaRefused as refusal:
        return _refused(request, refusal.message, "pins:media_detail", pk)
    return _made(request, cover, f"Cover image for “{video}” added.")


def _made(request: WorkspaceRequest, media: MediaFile, message: str) -> HttpResponse:
    if is_script(request):
        return for_script(media)
    messages.success(request, message)
    return redirect("pins:media_detail", media.pk)


def _refused(request: WorkspaceRequest, why: str, view: str, *args: int) -> HttpResponse:
    if is_script(request):
        return sentence(why)
    messages.error(request, why)
    return redirect(view, *args)
