"""What chapters load that is not the book's own; kernels are forked from a process that has it.

pyplot is not here: it looks for a kernel when it is loaded.
"""
# ruff: noqa: F401 what is loaded here is used by whoever is forked

import gc
import os

os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # else the debugger greets each build
os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # as kernels do

import ipykernel.debugger
import ipykernel.ipkernel
import ipykernel.kernelapp
import ipykernel.zmqshell
import jaxtyping
import jupytext
import matplotlib.figure
import safetensors.torch
import tokenizers
import torch._dynamo
import tqdm.auto
import transformers.models.auto.modeling_auto
import transformers.models.bert.modeling_bert
import transformers.models.gpt2.modeling_gpt2
import transformers.models.llama.modeling_llama

gc.freeze()  # or the first look for garbage would copy all this
