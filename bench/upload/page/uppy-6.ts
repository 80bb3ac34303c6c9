/** `@uppy/aws-s3` 6: one request of its own signs each request to storage. */
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";
import { measured } from "./gauge.ts";
import { ask, runUppy } from "./uppy.ts";

const signRequest = (request: object) => ask<{ url: string }>("/uppy/sign", request);

measured((file) => runUppy(new Uppy(), AwsS3, { signRequest }, file));
