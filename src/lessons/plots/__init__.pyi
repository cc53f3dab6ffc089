"""Where the names of `lessons.plots` are defined; each is loaded when it is asked for."""

from .bertviz import FramedView as FramedView, head_view as head_view, model_view as model_view
from .cache_growth import cache_figure as cache_figure
from .diagrams import diagram as diagram
from .effect_maps import site_maps as site_maps
from .every_head import HeadRecord as HeadRecord, head_chooser as head_chooser
from .flow_through import Run as Run, flow_figure as flow_figure
from .gray_pictures import picture_grid as picture_grid
from .line_settings import lines_by_setting as lines_by_setting
from .maps import attention_grid as attention_grid, attention_map as attention_map
from .next_token import next_token_figure as next_token_figure
from .planes import panels_of_points as panels_of_points, points as points
from .position_figures import position_map as position_map, rotary_figure as rotary_figure
from .query_and_keys import soft_lookup_figure as soft_lookup_figure
from .series import bars as bars, lines as lines
from .spans import token_boxes as token_boxes
from .style import ThemedFigure as ThemedFigure, beside as beside
from .weight_lines import layer_lines as layer_lines, model_lines as model_lines
from .who_sees_whom import Panel as Panel, visibility_figure as visibility_figure
