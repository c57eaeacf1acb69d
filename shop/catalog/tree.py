"""The categories as a tree, read whole: a shop has hundreds of them, not millions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shop.catalog.models import Category


@dataclass(kw_only=True)
class Node:
    id: int
    slug: str
    name: str
    parent_id: int | None
    in_navigation: bool
    children: list["Node"] = field(default_factory=list)

    def subtree(self) -> Iterator["Node"]:
        """Walk this category and all below it."""
        yield self
        for child in self.children:
            yield from child.subtree()

    def shown(self, totals: Mapping[int, int], *, only_navigation: bool = False) -> dict[str, Any]:
        """Return this category and those below it, each with its total of products."""
        return {
            "slug": self.slug,
            "name": self.name,
            "in_navigation": self.in_navigation,
            "product_count": totals[self.id],
            "children": [
                child.shown(totals, only_navigation=only_navigation)
                for child in self.children
                if child.in_navigation or not only_navigation
            ],
        }


class Tree:
    """All categories, in the order of their positions and names."""

    def __init__(self) -> None:
        rows = Category.objects.order_by("position", "name", "id").values(
            "id", "slug", "name", "parent_id", "in_navigation"
        )
        self.nodes = {row["id"]: Node(**row) for row in rows}
        self.by_slug = {node.slug: node for node in self.nodes.values()}
        self.roots: list[Node] = []
        for node in self.nodes.values():
            parent = self.nodes.get(node.parent_id or 0)
            (parent.children if parent else self.roots).append(node)

    def ids_below(self, slug: str) -> list[int]:
        """List the ids of a category and its descendants; none if there is no such category."""
        node = self.by_slug.get(slug)
        return [found.id for found in node.subtree()] if node else []

    def path(self, node: Node) -> list[Node]:
        """List the categories that lead to `node`, from the root, with itself as the last."""
        steps = [node]
        while (parent := self.nodes.get(steps[0].parent_id or 0)) is not None:
            steps.insert(0, parent)
        return steps

    def totals(self, counts: Mapping[int, int]) -> dict[int, int]:
        """Sum `counts` per category, each with all below it."""
        return {
            node.id: sum(counts.get(found.id, 0) for found in node.subtree())
            for node in self.nodes.values()
        }
