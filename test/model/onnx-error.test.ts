// What ONNX Runtime and those below it really said, as users quote it; places in the source are shortened to `...`.
import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { causeOf, onnxErrorLine } from '../../src/model/onnx-error.js';

const call =
  '/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:121 ... onnxruntime::CudaCall(ERRTYPE, ...)';
const running = (node: string) =>
  `Non-zero status code returned while running ${node} node. Name:'n1' Status Message: `;
const file = 'file=/onnxruntime_src/onnxruntime/core/providers/cuda';

interface Case {
  /** github.com/..., or where else it is from. */
  readonly source: string;
  readonly text: string;
  readonly line: string;
}

const memory: Case[] = [
  {
    source: 'microsoft/onnxruntime/issues/22702',
    text:
      running('Conv') +
      '\n/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, ' +
      'onnxruntime::Stream*, bool, onnxruntime::WaitNotificationFn) Failed to allocate memory for requested buffer of size 4585490524328388608\n',
    line: 'Failed to allocate memory for requested buffer of size 4585490524328388608',
  },
  {
    source: 'hacksider/Deep-Live-Cam/issues/584',
    text: `${call} CUDA failure 2: out of memory ; GPU=0 ; hostname=n1 ; ${file}/cuda_stream_handle.cc ; line=175 ; expr=cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);`,
    line: 'CUDA failure 2: out of memory',
  },
  {
    source: 'hacksider/Deep-Live-Cam/issues/645',
    text: `${running('Gemm')}${call} CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=n1 ; ${file}/cuda_execution_provider.cc ; line=168 ; expr=cublasCreate(&cublas_handle_);`,
    line: 'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED',
  },
  {
    source: 'cudnnStatus_t of cuDNN 8 as CudaCall puts it',
    text: `${running('Conv')}${call} CUDNN failure 2: CUDNN_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=n1 ; ${file}/nn/conv.cc ; line=480 ; expr=...`,
    line: 'CUDNN failure 2: CUDNN_STATUS_ALLOC_FAILED',
  },
  {
    source: 'microsoft/onnxruntime/issues/21001 (TensorRT)',
    text: 'Skipping tactic 0x0000000000000000 due to exception autotuning: CUDA error 2 allocating 6370102777-byte buffer: out of memory',
    line: 'CUDA error 2 allocating 6370102777-byte buffer: out of memory',
  },
  {
    source: 'microsoft/onnxruntime/issues/25195 (WebGPU)',
    text: 'WebGPU device error(2): Out of memory',
    line: 'WebGPU device error(2): Out of memory',
  },
  {
    source: 'mlc-ai/web-llm/issues/60 (Dawn on Vulkan)',
    text: 'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY\n    at CheckVkOOMThenSuccessImpl (..)',
    line: 'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY at CheckVkOOMThenSuccessImpl (..)',
  },
  {
    source: 'microsoft/onnxruntime/issues/16305',
    text: `${running('FusedMatMul')}bad allocation`,
    line: `${running('FusedMatMul')}bad allocation`,
  },
];

const lost: Case[] = [
  {
    source: 'C0untFloyd/roop-unleashed/issues/32',
    text: `CUDA failure 719: unspecified launch failure ; GPU=0 ; hostname=n1 ; ${file}/gpu_data_transfer.cc ; line=73 ; expr=cudaMemcpyAsync(dst_data, src_data, bytes, cudaMemcpyDeviceToHost, static_cast<cudaStream_t>(stream.GetHandle()));`,
    line: 'CUDA failure 719: unspecified launch failure',
  },
  {
    source: 'pykeio/ort/issues/321',
    text: `CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=n1 ; ${file}/cuda_execution_provider.cc ; line=448 ; expr=cudaStreamSynchronize(static_cast<cudaStream_t>(stream_));`,
    line: 'CUDA failure 700: an illegal memory access was encountered',
  },
  {
    source: 'microsoft/onnxruntime/issues/14030',
    text: `${call} CUDA failure 46: all CUDA-capable devices are busy or unavailable ; GPU=0 ; hostname=n1 ; expr=cudaSetDevice(info_.device_id);`,
    line: 'CUDA failure 46: all CUDA-capable devices are busy or unavailable',
  },
  {
    source:
      "nagadit/DeepFaceLab_Linux/issues/89 for CUDA's words (cudaErrorECCUncorrectable is 214), as CudaCall puts them",
    text: `${call} CUDA failure 214: uncorrectable ECC error encountered ; GPU=1 ; hostname=n1 ; expr=cudaStreamSynchronize(...);`,
    line: 'CUDA failure 214: uncorrectable ECC error encountered',
  },
  {
    source: 'microsoft/onnxruntime/issues/14211',
    text: `${call} CUDA failure 999: unknown error ; GPU=192915439 ; expr=cudaSetDevice(info_.device_id);`,
    line: 'CUDA failure 999: unknown error',
  },
  {
    source: 'microsoft/onnxruntime/issues/23301',
    text: `${running('Conv')}CUDNN_FE failure 11: CUDNN_BACKEND_API_FAILED ; GPU=0 ; hostname=n1 ; ${file}/nn/conv.cc ; line=483 ; expr=s_.cudnn_fe_graph->execute(cudnn_handle, s_.variant_pack, ws.get());`,
    line: 'CUDNN_FE failure 11: CUDNN_BACKEND_API_FAILED',
  },
  {
    source: 'microsoft/onnxruntime/issues/14186',
    text: `${running('Conv')}CUDNN error executing cudnnConvolutionForward(s_.handle, &alpha, s_.x_tensor)`,
    line: 'CUDNN error executing cudnnConvolutionForward(s_.handle, &alpha, s_.x_tensor)',
  },
  {
    source: 'microsoft/onnxruntime/issues/26170 (TensorRT)',
    text: `${running('TRTKernel_graph_main_graph')}TensorRT EP execution context enqueue failed.`,
    line: `${running('TRTKernel_graph_main_graph')}TensorRT EP execution context enqueue failed.`,
  },
  {
    source: "kessler/gemma-gem/issues/1 for ONNX Runtime's words, playcanvas/engine/issues/6677 for Dawn's",
    text: "/mnt/vss/_work/1/s/onnxruntime/core/providers/webgpu/buffer_manager.cc:543 status == wgpu::MapAsyncStatus::Success was false.\nFailed to download data from buffer: Failed to execute 'mapAsync' on 'GPUBuffer': [Device] is lost.",
    line: "Failed to download data from buffer: Failed to execute 'mapAsync' on 'GPUBuffer': [Device] is lost.",
  },
  {
    source: 'Vulkan: VkResult',
    text: 'vkQueueSubmit failed with VK_ERROR_DEVICE_LOST',
    line: 'vkQueueSubmit failed with VK_ERROR_DEVICE_LOST',
  },
  {
    source: 'onnxruntime/mobius/issues/316: a driver that is too old, at the first call',
    text: `${call} CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=-1 ; hostname=n1 ; ${file}/cuda_execution_provider.cc ; line=336 ; expr=cudaSetDevice(info_.device_id);`,
    line: 'CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version',
  },
];

const other: Case[] = [
  {
    source: 'ONNX Runtime on a machine without a Vulkan device',
    text: '/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 Initialize()::<lambda()> status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters',
    line: 'Failed to get a WebGPU adapter: No supported adapters',
  },
  {
    source: 'ONNX Runtime, of a net at fault',
    text: `${running('Gather')}indices element out of data bounds, idx=1 must be within the inclusive range [-1,0]`,
    line: `${running('Gather')}indices element out of data bounds, idx=1 must be within the inclusive range [-1,0]`,
  },
  { source: 'anything', text: 'plain words', line: 'plain words' },
];

for (const [cause, cases] of Object.entries({ memory, lost, other })) {
  describe(`an error whose cause is '${cause}'`, () => {
    for (const { source, text, line } of cases) {
      it(`is known, and said in one line: ${line.slice(0, 80)}, from ${source}`, () => {
        assert.equal(causeOf(new Error(text)), cause);
        assert.equal(onnxErrorLine(new Error(text)), line);
      });
    }
  });
}
