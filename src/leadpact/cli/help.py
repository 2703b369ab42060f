"""Help: an example first, then what the command takes; and how every command ends."""

from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from leadpact.cli.output import FAILED, WRONG, Refused, show, tell
from leadpact.words import _

WIDTH = 80


def failed(error: OSError | MemoryError) -> str:
    """What went wrong outside of the program, in a sentence."""
    if isinstance(error, MemoryError):
        return _("There is not enough memory for this. Nothing was written.")
    named = f"{error.filename}: " if error.filename else ""
    return _("{file}{why}. Nothing was written.").format(
        file=named, why=error.strerror or str(error)
    )


class Command(TyperCommand):
    """A command whose help begins with its example, and that tells its problems in one way."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help: example and purpose, then usage, arguments and options."""
        self.format_help_text(ctx, formatter)
        formatter.write_paragraph()
        arguments = [p for p in self.get_params(ctx) if p.param_type_name == "argument"]
        names = [_usage(argument) for argument in arguments]
        formatter.write_usage(ctx.command_path, " ".join([*names, "[OPTIONS]"]))
        if arguments:
            with formatter.section(_("Arguments")):
                formatter.write_dl(
                    [(str(p.metavar), getattr(p, "help", None) or "") for p in arguments]
                )
        records = [
            p.get_help_record(ctx) for p in self.get_params(ctx) if p.param_type_name == "option"
        ]
        with formatter.section(_("Options")):
            formatter.write_dl([record for record in records if record])

    def invoke(self, ctx: Any) -> Any:
        """Run the command; problems end it with exit code 2, a full disk and the like with 1."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            as_json = bool(ctx.params.get("json"))
            show(refused.problems, as_json=as_json, name=refused.name)
            raise typer.Exit(WRONG) from None
        except BrokenPipeError:
            raise
        except (OSError, MemoryError) as error:
            tell(f"leadpact: {failed(error)}")
            raise typer.Exit(FAILED) from None


def application(name: str, text: str) -> typer.Typer:
    """A program whose commands are added to it; it tells its version, and its help is `text`."""
    app = typer.Typer(
        name=name,
        cls=Commands,
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
        help=text,
    )

    def version(wanted: bool) -> None:
        if wanted:
            from leadpact import __version__

            typer.echo(f"{name} {__version__}")
            raise typer.Exit

    @app.callback()
    def _options(
        version: Annotated[
            bool,
            typer.Option("--version", callback=version, is_eager=True, help="print the version"),
        ] = False,
    ) -> None:
        pass

    return app


def _usage(argument: Any) -> str:
    name = f"{argument.metavar}" + (" …" if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


class Commands(TyperGroup):
    """The commands together; their help begins with examples, too."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help: purpose and examples, then usage, commands and options."""
        self.format_help_text(ctx, formatter)
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        self.format_options(ctx, formatter)
