"""Where the names of `lessons.practice` are defined; each is loaded when it is asked for."""

from .local_inference.block_quantization import (
    Blocks as Blocks,
    bits_per_weight as bits_per_weight,
    dequantize as dequantize,
    quantize as quantize,
    rounded_model as rounded_model,
)
from .local_inference.book_gguf import read_gpt2 as read_gpt2, write_gpt2 as write_gpt2
from .local_inference.distilled import (
    DistilledSizes as DistilledSizes,
    distilled_models as distilled_models,
)
from .local_inference.file_and_model import Apart as Apart, apart_from as apart_from
from .local_inference.gguf_header import Header as Header, read_header as read_header
from .local_inference.local_model import LocalModel as LocalModel, local_model as local_model
from .local_inference.own_pages import (
    Answered as Answered,
    Passage as Passage,
    answer_from as answer_from,
    book_questions as book_questions,
    page_passages as page_passages,
    passage_vectors as passage_vectors,
)
from .local_inference.prices import Priced as Priced, priced as priced
from .local_inference.resident import resident_megabytes as resident_megabytes
from .local_inference.rounding_effects import (
    Effect as Effect,
    effect_of as effect_of,
    margins_where_they_part as margins_where_they_part,
    next_token_logs as next_token_logs,
    shaken_like as shaken_like,
)
from .pipelines.judged import labels_right as labels_right, spans_found as spans_found
from .pipelines.kept_pieces import KeptPieces as KeptPieces
from .pipelines.labeled_texts import (
    movie_texts as movie_texts,
    named_texts as named_texts,
    negation_edits as negation_edits,
)
from .pipelines.logistic_heads import (
    logistic_head as logistic_head,
    text_classifier as text_classifier,
    token_classifier as token_classifier,
)
from .pipelines.older_tasks import older_tasks as older_tasks
from .pipelines.own_server import transformers_server as transformers_server
from .pipelines.pronoun_task import PronounPipeline as PronounPipeline
from .pipelines.word_groups import group_words as group_words
from .services.desk import Desk as Desk
from .services.environment import service_environment as service_environment
from .services.faulty_desks import BreakingDesk as BreakingDesk, SlowDesk as SlowDesk
from .services.installed import installed_megabytes as installed_megabytes
from .services.refusals import Gate as Gate
from .services.serving import LocalServices as LocalServices
from .services.waiting import backoff as backoff, rush as rush
from .services.wire_tables import (
    answer_rows as answer_rows,
    request_rows as request_rows,
    stream_rows as stream_rows,
    wire_table as wire_table,
)
from .three_steps import complete as complete, fill_mask as fill_mask
