"""Making new files out of those of the library: cropped images, covers for videos.

A script gets the new file as an attachment for the composer, or 400 with a sentence; a plain form gets its page."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.middleware import WorkspaceRequest
from accounts.permissions import require_editor
from pins import limits
from pins.models import MediaFile
from postiz_pins.common.params import parse_keys

from . import editing as media_editing
from .forms import CropForm, FrameForm
from .storage import MediaRefused
from .views import find_media, is_script, sentence

NO_POSITION = "Move the frame over the part that you want to keep, then try again."
NO_FRAME = "Choose one of the frames."


@require_http_methods(["GET", "POST"])
def media_crop(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """“Crop to 2:3”: the image with a frame to move, then a new image of what is in the frame."""
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
    """Frames of a video to choose a cover image from, then the one that was chosen in full size."""
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


@require_POST
def media_match_size(request: WorkspaceRequest) -> HttpResponse:
    """All images of a carousel in the size of the first: `attachments` in their order."""
    ids = parse_keys(request.POST.getlist("attachments"))
    found = MediaFile.objects.for_user(request.user).in_library().select_related("workspace").in_bulk(ids)
    media_files = [found[pk] for pk in ids if pk in found]
    for workspace in {media.workspace for media in media_files}:
        require_editor(request, workspace)
    if len({media.workspace_id for media in media_files}) > 1:
        raise Http404("All files of a pin must be from the same workspace.")
    if not media_files:
        return _refused(request, "Choose the images of the carousel first.", "pins:media_list")
    try:
        matched = media_editing.match_size(media_files, request.user)
    except MediaRefused as refusal:
        return _refused(request, refusal.message, "pins:media_list")
    if is_script(request):
        items = (render_to_string("pins/_attachment.html", {"media": media}, request) for media in matched)
        return HttpResponse("".join(items))
    first = matched[0]
    messages.success(request, f"All images are now {first.width} × {first.height} pixels.")
    return redirect("pins:media_list")


def _made(request: WorkspaceRequest, media: MediaFile, message: str) -> HttpResponse:
    if is_script(request):
        return render(request, "pins/_attachment.html", {"media": media})
    messages.success(request, message)
    return redirect("pins:media_detail", media.pk)


def _refused(request: WorkspaceRequest, why: str, view: str, *args: int) -> HttpResponse:
    if is_script(request):
        return sentence(why)
    messages.error(request, why)
    return redirect(view, *args)
