"""Where the names of `lessons.adaptation` are defined; each is loaded when it is asked for."""

from .distillation.cut_student import cut_student as cut_student
from .distillation.soft_targets import (
    cosine_loss as cosine_loss,
    soft_loss as soft_loss,
    soft_targets as soft_targets,
)
from .distillation.student_scores import (
    StudentScores as StudentScores,
    step_operations as step_operations,
    student_scores as student_scores,
)
from .distillation.taught_rows import (
    TaughtRows as TaughtRows,
    draw_taught as draw_taught,
    taught_rows as taught_rows,
)
from .distillation.triple_loss import TripleLoss as TripleLoss
from .fine_tuning.chats import (
    answering as answering,
    chat_text as chat_text,
    mask_prompt as mask_prompt,
)
from .fine_tuning.features import (
    Features as Features,
    draw_features as draw_features,
    extract_features as extract_features,
    head_loss as head_loss,
    untie_head as untie_head,
)
from .fine_tuning.number_questions import (
    answers_right as answers_right,
    number_questions as number_questions,
    question_texts as question_texts,
)
from .fine_tuning.replay import (
    mixed as mixed,
    old_sentences as old_sentences,
    old_texts as old_texts,
)
from .fine_tuning.skills import (
    agreeing as agreeing,
    copied as copied,
    skills as skills,
)
from .fine_tuning.soft_prompt import Prompted as Prompted, SoftPrompt as SoftPrompt
from .fine_tuning.text_labels import (
    LabelHead as LabelHead,
    LabelRows as LabelRows,
    draw_label_rows as draw_label_rows,
    fit_label_head as fit_label_head,
    it_sentences as it_sentences,
    label_loss as label_loss,
    label_reader as label_reader,
    label_rows as label_rows,
    labels_right as labels_right,
    right_by_list as right_by_list,
    vectors_for_a_label as vectors_for_a_label,
)
from .fine_tuning.ways import emptied as emptied, tune as tune
from .labeled_text import (
    Labeled as Labeled,
    draw_texts as draw_texts,
    labeled_loss as labeled_loss,
    stack as stack,
)
from .lora.adapters import (
    Adapter as Adapter,
    Shelf as Shelf,
    mark_of as mark_of,
    put_on as put_on,
    take_adapter as take_adapter,
    updates_by_row as updates_by_row,
)
from .lora.dialects import (
    Dialect as Dialect,
    color_last as color_last,
    dialect as dialect,
    everyday as everyday,
    exchange_words as exchange_words,
    frequent_pairs as frequent_pairs,
    learn as learn,
)
from .lora.first_change import FirstStep as FirstStep, step_from_base as step_from_base
from .lora.four_bit import (
    FourBitLinear as FourBitLinear,
    dequantize as dequantize,
    even_levels as even_levels,
    in_four_bits as in_four_bits,
    normal_levels as normal_levels,
    quantize as quantize,
)
from .lora.low_rank import (
    LowRank as LowRank,
    adapt as adapt,
    adapted_layers as adapted_layers,
    block_matrices as block_matrices,
    layers_named as layers_named,
    low_rank_update as low_rank_update,
    merge as merge,
    replace_module as replace_module,
)
from .lora.needed_rank import (
    cut_change as cut_change,
    draw_change as draw_change,
    share_left as share_left,
)
from .lora.work_counted import (
    Work as Work,
    training_bytes as training_bytes,
    work_of_step as work_of_step,
)
from .named_entities.autotrain_settings import settings_problems as settings_problems
from .named_entities.draw_sentences_of import draw_marked as draw_marked
from .named_entities.entity_sentences import (
    Entity as Entity,
    Marked as Marked,
    entities_of as entities_of,
    entity_sentences as entity_sentences,
    held_out_words as held_out_words,
)
from .named_entities.rate_search import (
    Trial as Trial,
    search_rates as search_rates,
    train_until_worse as train_until_worse,
)
from .named_entities.span_scores import (
    SpanScores as SpanScores,
    recall_by_kind as recall_by_kind,
    span_scores as span_scores,
)
from .named_entities.span_text import (
    ReadBack as ReadBack,
    read_entities as read_entities,
    write_entities as write_entities,
)
from .named_entities.text_to_text import (
    TextToText as TextToText,
    text_loss as text_loss,
    text_to_text as text_to_text,
)
from .named_entities.token_labels import (
    Tagger as Tagger,
    entities_of_tags as entities_of_tags,
    tag_loss as tag_loss,
    tagger as tagger,
    tags_of as tags_of,
)
from .named_entities.word_list import WordList as WordList, word_list as word_list
from .paired_texts import paired_interval as paired_interval
from .question_answering.adapter_claims import (
    above as above,
    adapter_counts as adapter_counts,
    count_claims as count_claims,
)
from .question_answering.asked import (
    Prompts as Prompts,
    Said as Said,
    answer_id as answer_id,
    ask as ask,
    how_surely as how_surely,
    kind_of_answer as kind_of_answer,
    kinds_of_answers as kinds_of_answers,
    likest_name as likest_name,
    likest_question as likest_question,
    most_frequent as most_frequent,
    next_logits as next_logits,
    prompt_ids as prompt_ids,
    rule_right as rule_right,
    said as said,
)
from .question_answering.command_line import (
    check_questions as check_questions,
    finetune_command as finetune_command,
    write_questions as write_questions,
)
from .question_answering.formulary import (
    Drug as Drug,
    DrugQuestion as DrugQuestion,
    Formulary as Formulary,
    draw_formulary as draw_formulary,
    formulary_sentences as formulary_sentences,
    questions_about as questions_about,
)
from .question_answering.lit_llama import (
    adapter_of as adapter_of,
    lit_llama as lit_llama,
    lower_states as lower_states,
    run_blocks as run_blocks,
    upper_logits as upper_logits,
)
from .question_answering.medicine_adapter import (
    Answering as Answering,
    load_adapter as load_adapter,
    mark_of_base as mark_of_base,
    save_adapter as save_adapter,
    some_of as some_of,
    teach as teach,
)
from .question_answering.search import Found as Found, nearest_sentences as nearest_sentences
from .summarization.chapter_texts import LongText as LongText, chapter_texts as chapter_texts
from .summarization.extraction import (
    alike_in_length as alike_in_length,
    chosen_text as chosen_text,
    most_relevant as most_relevant,
    oracle_choice as oracle_choice,
)
from .summarization.rouge import (
    Rouge as Rouge,
    drop_words as drop_words,
    rouge_l as rouge_l,
    rouge_n as rouge_n,
    rouge_words as rouge_words,
)
from .summarization.trained_choice import (
    leave_one_out as leave_one_out,
    ridge_scores as ridge_scores,
)
from .trained_parts import train_only as train_only, trained_count as trained_count
