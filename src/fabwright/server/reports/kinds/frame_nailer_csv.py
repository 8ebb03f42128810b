"""`frame_nailer_csv`: the nails of frames as FNC 1.0, a documented analogue."""

from fabwright.formats.files import File, file_name, unique_files
from fabwright.server.reports.kinds.base import Kind, Order, Progress
from fabwright.server.reports.kinds.frame_files import FrameNailOptions, built
from fabwright.server.reports.kinds.grouping import groups


class FrameNailerCsv(Kind[FrameNailOptions]):
    document_type = "frame_nailer_csv"
    title = "Frame Nailer CSV [Nails]"
    sentence = "Every nail between rails and studs, drawn or computed, in our documented analogue FNC 1.0."
    selects = ("assemblies",)
    needs = "machine"
    options = FrameNailOptions

    def make(self, order: Order, options: FrameNailOptions, progress: Progress) -> tuple[File, ...]:
        from fabwright.formats.fnc import shots_of, write_fnc

        nailing = options.nailing()
        files = []
        tasks = groups(order, options.group_parts)
        for number, (name, elements) in enumerate(tasks, 1):
            shots = [shot for element in elements for shot in shots_of(built(element), nailing, uuid=str(element.uuid))]
            files.append(File(file_name(name, "csv"), write_fnc(shots)))
            progress(100 * number / len(tasks), name)
        return unique_files(files)

    def verify(self, order: Order, options: FrameNailOptions, files: tuple[File, ...]) -> None:
        from fabwright.formats.fnc import verify_fnc

        for file, (_, elements) in zip(files, groups(order, options.group_parts), strict=True):
            panels = [(built(element), str(element.uuid)) for element in elements]
            verify_fnc(file.content, panels, options.nailing())


KIND = FrameNailerCsv()
