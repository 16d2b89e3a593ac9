"""Do pages stand beside each other? None may import another one, or the main screen."""

from __future__ import annotations

from tests.architecture.source import PACKAGE, Sources, arrows, package

PAGES = f"{PACKAGE}.ui.pages"
SHARED = f"{PAGES}.base"
HOST = f"{PACKAGE}.ui.page_host"
SCREEN = f"{PACKAGE}.ui.main_screen"


def page_of(module: str) -> str:
    """The page that a module belongs to: its folder or file in `ui/pages`; "" for none."""
    inside = module.startswith(f"{PAGES}.") and module != SHARED
    return module.split(".")[3] if inside else ""


def across(sources: Sources) -> set[str]:
    """Imports from one page to another, or to what shows pages, as `a -> b`."""
    found = set()
    for name, others in arrows(sources).items():
        for other in others:
            here, there = page_of(name), page_of(other)
            apart = bool(here and there and here != there)
            upward = name.startswith(PAGES) and other in (HOST, SCREEN)
            if apart or upward or (name == SHARED and there):
                found.add(f"{name} -> {other}")
    return found


def known_to_the_screen(sources: Sources) -> set[str]:
    """Pages that the main screen names: it is to know only what all of them have."""
    return {page for other in arrows(sources)[SCREEN] if (page := page_of(other))}


def test_pages_do_not_import_each_other() -> None:
    assert {"list", "service"} <= {page_of(name) for name in package()}
    assert across(package()) == set()


def test_the_main_screen_knows_no_page() -> None:
    assert known_to_the_screen(package()) == set()


def test_an_import_across_is_found() -> None:
    made = {
        PACKAGE: "", f"{PACKAGE}.ui": "", PAGES: "", SHARED: "", HOST: "",
        f"{PAGES}.logs": "",
        f"{PAGES}.list": "from ecs_tui.ui.pages.base import Page",
        f"{PAGES}.service": "",
        f"{PAGES}.service.page": "from ecs_tui.ui.pages import logs\nimport ecs_tui.ui.main_screen",
        f"{PAGES}.service.tabs": "from ecs_tui.ui.pages.service.page import ServicePage",
        SCREEN: "from ecs_tui.ui.pages.service.page import ServicePage",
    }  # fmt: skip
    assert across(made) == {
        f"{PAGES}.service.page -> {PAGES}.logs",
        f"{PAGES}.service.page -> {SCREEN}",
    }
    assert known_to_the_screen(made) == {"service"}
