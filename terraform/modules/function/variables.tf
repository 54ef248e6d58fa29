variable "name" {
  type        = string
  description = "Name of the function, its role and its log group."
}

variable "description" {
  type        = string
  description = "What the function does, as the console shows it."
}

variable "handler" {
  type        = string
  description = "Entry of the package, such as `http.handler`."
}

variable "policy" {
  type        = string
  description = "What the function may do beside writing its log: a policy document as JSON."
}

variable "environment" {
  type        = map(string)
  description = "Environment of the function."
}

variable "package" {
  type = object({
    path              = optional(string)
    s3_bucket         = optional(string)
    s3_key            = optional(string)
    s3_object_version = optional(string)
  })
  description = "Where the code is: a zip on this machine, or an object in S3."

  validation {
    condition     = (var.package.path == null) != (var.package.s3_bucket == null || var.package.s3_key == null)
    error_message = "Give either the path of a zip, or s3_bucket and s3_key."
  }
}

variable "runtime" {
  type        = string
  description = "Lambda runtime."
}

variable "architecture" {
  type        = string
  description = "Processor of the function: `arm64` or `x86_64`."

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture has to be arm64 or x86_64."
  }
}

variable "memory_size" {
  type        = number
  description = "Memory in MiB; the share of a processor grows with it."
}

variable "timeout" {
  type        = number
  description = "Seconds after which the function is ended."

  validation {
    condition     = var.timeout >= 1 && var.timeout <= 900
    error_message = "Lambda takes 1 to 900 seconds."
  }
}

variable "reserved_concurrency" {
  type        = number
  default     = -1
  description = "How many instances may run at once; -1 for no limit of its own."
}

variable "vpc" {
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default     = null
  description = "Network that the function runs in; null for Lambda's own."
}

variable "tracing_mode" {
  type        = string
  default     = null
  description = "X-Ray: `Active` or `PassThrough`; null for none."

  validation {
    condition     = var.tracing_mode == null || contains(["Active", "PassThrough"], coalesce(var.tracing_mode, "Active"))
    error_message = "The mode has to be Active or PassThrough."
  }
}

variable "kms_key_arn" {
  type        = string
  default     = null
  description = "Key that the log is encrypted with; null for AWS's own."
}

variable "encrypt_environment" {
  type        = bool
  default     = false
  description = "Whether the environment too is encrypted with that key, instead of AWS's own."
}

variable "logging_retention_in_days" {
  type        = number
  description = "How long the log is kept."
}

variable "role_path" {
  type        = string
  description = "Path of the role."
}

variable "role_permissions_boundary" {
  type        = string
  default     = null
  description = "ARN of the policy that limits the role."
}

variable "tags" {
  type        = map(string)
  description = "Tags of everything."
}
