"""A model made ready for inspection: search tree, coarse field, even samples. Made once, used for every scan of it."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from fabwright.formats.mesh import Mesh
from fabwright.metrology.coarse import Field, build_field
from fabwright.metrology.nearest import Float, Tree, build_tree
from fabwright.metrology.sampling import sample_surface


@dataclass(frozen=True, eq=False)
class Samples:
    """Surface samples of equal area each."""

    points: Float = field(repr=False)
    normals: Float = field(repr=False)
    faces: NDArray[np.int64] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Reference:
    """The model of an inspection."""

    mesh: Mesh

    @property
    def diagonal_mm(self) -> float:
        """Diagonal of the axis-parallel box."""
        return float(np.linalg.norm(self.mesh.extents))

    def prepare(self) -> None:
        """Begin to build the tree, on another core, while something else is done."""
        _ = self._tree

    @property
    def tree(self) -> Tree:
        """For closest points."""
        return self._tree.result()

    @cached_property
    def _tree(self) -> Future[Tree]:
        return _builder().submit(build_tree, self.mesh)

    @cached_property
    def field(self) -> Field:
        """For the global search."""
        return build_field(self.mesh)

    @cached_property
    def samples(self) -> Samples:
        """For coverage: 40,000, or one per 0.25 mm² of a small part."""
        count = int(np.clip(self.mesh.area * 4, 5_000, 40_000))
        return Samples(*sample_surface(self.mesh, count))

    @cached_property
    def radius_mm(self) -> float:
        """Root mean square distance of the surface from its centre: the size that scans are compared with."""
        points = self.field.points
        return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))


@cache
def _builder() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="metrology-tree")
