"""Where the names of `lessons.families` are defined; each is loaded when it is asked for."""

from .conversion import from_transformers as from_transformers
from .decoder_by_positions import (
    placed_anew as placed_anew,
    placed_decoder as placed_decoder,
    turned as turned,
)
from .decoder_from_scratch import small_decoder as small_decoder
from .decoder_only import DecoderOnly as DecoderOnly, Padded as Padded
from .decoders.experts import (
    MixtureOfExperts as MixtureOfExperts,
    even_out as even_out,
    load_of as load_of,
    route as route,
    route_with_offset as route_with_offset,
)
from .decoders.latent import (
    LatentAttention as LatentAttention,
    absorbed_scores as absorbed_scores,
    expanded_scores as expanded_scores,
)
from .encoder_and_decoder import EncoderDecoder as EncoderDecoder, Reading as Reading
from .encoder_decoders.denoising import (
    delete_some as delete_some,
    draw_infilling as draw_infilling,
    infill as infill,
    mask_some as mask_some,
    permute_sentences as permute_sentences,
    rotate as rotate,
)
from .encoder_decoders.dictionary import (
    Example as Example,
    look_up as look_up,
    renderings as renderings,
)
from .encoder_decoders.span_corruption import (
    corrupt_spans as corrupt_spans,
    draw_spans as draw_spans,
    restore as restore,
    sentinel as sentinel,
)
from .encoder_only import EncoderOnly as EncoderOnly
from .encoders.encoder_cost import (
    EncoderSizes as EncoderSizes,
    embedding_parameters as embedding_parameters,
    encoder_flops as encoder_flops,
    encoder_parameters as encoder_parameters,
    layer_parameters as layer_parameters,
)
from .encoders.masking import (
    Masked as Masked,
    choose_tokens as choose_tokens,
    fates as fates,
    mask_tokens as mask_tokens,
    masked_loss as masked_loss,
)
from .encoders.nearest import (
    bag_of_words as bag_of_words,
    leave_one_out as leave_one_out,
    nearest_mean as nearest_mean,
    share_found as share_found,
)
from .encoders.next_sentence import (
    Input as Input,
    Pair as Pair,
    join as join,
    sentence_pairs as sentence_pairs,
)
from .encoders.sense_sentences import sense_examples as sense_examples
from .encoders.small_bert import small_bert as small_bert
from .encoders.stories import (
    draw_story_rows as draw_story_rows,
    pair_loss as pair_loss,
    share_noticed as share_noticed,
    stories as stories,
    story_pairs as story_pairs,
    story_rows as story_rows,
)
from .first_vector import FirstVectorHead as FirstVectorHead
from .images.image_tokens import (
    captions as captions,
    draw_from_codes as draw_from_codes,
    draw_sequences as draw_sequences,
    learn_codebook as learn_codebook,
    nearest_codes as nearest_codes,
    to_pictures as to_pictures,
    to_sequences as to_sequences,
)
from .images.pictures import (
    caption_numbers as caption_numbers,
    classify_loss as classify_loss,
    draw_batch as draw_batch,
    draw_pictures as draw_pictures,
    places_of as places_of,
)
from .input_embedding import Embedding as Embedding
from .landscape.attention_sizes import Grouped as Grouped, Latent as Latent
from .landscape.delta_rule import (
    adding_step as adding_step,
    delta_recurrence as delta_recurrence,
    delta_step as delta_step,
)
from .landscape.expert_sizes import Dense as Dense, Experts as Experts
from .landscape.masked_diffusion import (
    fill_in_passes as fill_in_passes,
    in_any_order as in_any_order,
    surest_first as surest_first,
    without_looking as without_looking,
)
from .landscape.open_model import (
    OpenModel as OpenModel,
    bytes_of_the_next as bytes_of_the_next,
    features as features,
    kept_numbers as kept_numbers,
    parameters as parameters,
    working_parameters as working_parameters,
)
from .landscape.published import open_models as open_models
from .landscape.recurrent_sizes import (
    Recurrent as Recurrent,
    gated_delta as gated_delta,
    mamba as mamba,
    mamba2 as mamba2,
)
from .objectives import (
    next_token_loss as next_token_loss,
    same_token_loss as same_token_loss,
    shifted_cross_entropy as shifted_cross_entropy,
    unigram_entropy as unigram_entropy,
    unshifted_cross_entropy as unshifted_cross_entropy,
)
from .overview.choosing import (
    Need as Need,
    Offer as Offer,
    objections as objections,
    shortlist as shortlist,
    weight_bytes as weight_bytes,
)
from .overview.extractive import centrality as centrality, extract as extract
from .patches import (
    PatchEmbedding as PatchEmbedding,
    cut_patches as cut_patches,
    join_patches as join_patches,
)
from .vaswani import from_torch as from_torch, transformer2017 as transformer2017
