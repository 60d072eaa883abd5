"""Tags, link presets, snippets and templates for tests."""

from pins.models import BulkChange, LinkPreset, PinTemplate, Snippet, Tag


def one_of_each(*, workspace, pin, media, board):
    """A row of every kind that a team uses again, each of which is in use."""
    tag, _ = Tag.objects.get_or_create(workspace=workspace, name="Spring sale")
    pin.tags.add(tag)
    media.tags.add(tag)
    preset = LinkPreset.objects.create(workspace=workspace, name="Standard", campaign="{board}", is_default=True)
    preset.boards.add(board)
    Snippet.objects.create(workspace=workspace, name="Ends with", text="See more in our shop.")
    template = PinTemplate.objects.create(workspace=workspace, name="Chairs", description="By hand.")
    template.tags.add(tag)
    template.boards.add(board)
    return tag


def row_of(kind, workspace, **numbers):
    """A row of one kind, by its name in pins/presets/kinds.py."""
    texts = {"snippet": {"text": "The team's chair"}, "template": {"title": "The team's chair"}}
    model = {"tag": Tag, "link_preset": LinkPreset, "snippet": Snippet, "template": PinTemplate}[kind]
    return model.objects.create(workspace=workspace, name="The team's chair", **texts.get(kind, {}), **numbers)


def bulk_of(workspace, action="shift", **numbers):
    """A change of many pins that was not confirmed yet, and asks for its options, such as how far to shift them."""
    return BulkChange.objects.create(workspace=workspace, action=action, **numbers)
