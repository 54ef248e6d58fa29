variable "name" {
  type        = string
  description = "Name of the function, its role and its log group."
}

variable "description" {
  type        = string
  description = "Purpose of the function, as the console shows it."
}

variable "handler" {
  type        = string
  description = "Entry point of the package, such as `http.handler`."
}

variable "policy" {
  type        = string
  description = "Permissions of the function besides its log, as a JSON policy document."
}

variable "environment" {
  type        = map(string)
  description = "Environment variables of the function."
}

variable "timeout" {
  type        = number
  description = "Seconds after which Lambda ends an invocation."

  validation {
    condition     = var.timeout >= 1 && var.timeout <= 900
    error_message = "Lambda supports 1 to 900 seconds."
  }
}

variable "settings" {
  type = object({
    package = object({
      path              = optional(string)
      s3_bucket         = optional(string)
      s3_key            = optional(string)
      s3_object_version = optional(string)
    })
    runtime              = optional(string, "nodejs22.x")
    architecture         = optional(string, "arm64")
    memory_size          = optional(number, 512)
    reserved_concurrency = optional(number, -1)
    tracing_mode         = optional(string)
    encrypt_environment  = optional(bool, false)
    vpc = optional(object({
      subnet_ids         = list(string)
      security_group_ids = list(string)
    }))
  })
  description = "Settings of the function. `package`: a zip file on this machine, or an object in S3. `reserved_concurrency`: the number of instances that may run at the same time; -1 reserves none. `tracing_mode`: `Active` or `PassThrough`; null disables X-Ray. `vpc`: the network of the function; null uses Lambda's own."

  validation {
    condition     = (var.settings.package.path == null) != (var.settings.package.s3_bucket == null || var.settings.package.s3_key == null)
    error_message = "Set either the path of a zip file, or s3_bucket and s3_key."
  }

  validation {
    condition     = contains(["nodejs22.x"], var.settings.runtime)
    error_message = "Berth's functions run on nodejs22.x: the AWS provider 5.100 supports no newer runtime."
  }

  validation {
    condition     = contains(["arm64", "x86_64"], var.settings.architecture)
    error_message = "The architecture must be arm64 or x86_64."
  }

  validation {
    condition     = var.settings.memory_size >= 256 && var.settings.memory_size <= 10240
    error_message = "The memory size must be between 256 and 10240 MiB."
  }

  validation {
    condition     = var.settings.reserved_concurrency == -1 || var.settings.reserved_concurrency >= 1
    error_message = "The reserved concurrency must be -1, or 1 or more: with 0 the function never runs."
  }

  validation {
    condition     = var.settings.tracing_mode == null || contains(["Active", "PassThrough"], coalesce(var.settings.tracing_mode, "Active"))
    error_message = "The tracing mode must be Active or PassThrough."
  }
}

variable "common" {
  type = object({
    tags                      = optional(map(string), {})
    role_path                 = optional(string, "/")
    role_permissions_boundary = optional(string)
    logging_retention_in_days = optional(number, 30)
    kms_key_arn               = optional(string)
  })
  default     = {}
  description = "Settings that all modules share: tags, the path and permissions boundary of roles, how long logs are kept, and the KMS key."
}
