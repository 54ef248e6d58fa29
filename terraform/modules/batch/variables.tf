variable "name" {
  type        = string
  description = "Begins the names of everything."
}

variable "image" {
  type        = string
  description = "Image with Berth's runner."
}

variable "job_definition_vcpu" {
  type        = number
  default     = 0.5
  description = "vCPUs of the job definition."

  validation {
    condition     = contains([0.25, 0.5, 1, 2, 4, 8, 16], var.job_definition_vcpu)
    error_message = "Fargate has 0.25, 0.5, 1, 2, 4, 8 or 16 vCPUs."
  }
}

variable "job_definition_memory" {
  type        = number
  default     = 1024
  description = "Memory of the job definition in MiB."

  validation {
    condition     = var.job_definition_memory >= 512 && var.job_definition_memory <= 122880
    error_message = "Fargate has 512 to 122880 MiB."
  }
}

variable "job_definition_timeout" {
  type        = number
  default     = 300
  description = "Seconds after which a job that somebody submits by hand is ended. Berth gives each of its jobs a limit."

  validation {
    condition     = var.job_definition_timeout >= 60
    error_message = "Batch takes 60 seconds or more."
  }
}

variable "max_vcpus" {
  type        = number
  default     = 16
  description = "How many vCPUs jobs may use at once: what is submitted beyond waits in the queue, where Berth ends a run that has not started in 15 minutes. This limits what Batch can cost."

  validation {
    condition     = var.max_vcpus >= 1 && var.max_vcpus <= 10000
    error_message = "Allow 1 to 10000 vCPUs."
  }
}

variable "spot" {
  type        = bool
  default     = false
  description = "Whether jobs run on Fargate Spot: cheaper, and ended when AWS wants the room."
}

variable "architecture" {
  type        = string
  default     = "x86_64"
  description = "Processor of the jobs: `x86_64` or `arm64`."

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture has to be x86_64 or arm64."
  }
}

variable "subnet_ids" {
  type        = list(string)
  description = "Subnets of the jobs."
}

variable "security_group_ids" {
  type        = list(string)
  description = "Security groups of the jobs."
}

variable "assign_public_ip" {
  type        = bool
  description = "Whether jobs get a public address."
}

variable "execution_role_arn" {
  type        = string
  description = "Role that jobs are started with."
}

variable "task_role_arn" {
  type        = string
  description = "Role of the code of trusted jobs."
}

variable "log_group_name" {
  type        = string
  description = "Log group of the jobs."
}

variable "bucket_name" {
  type        = string
  description = "Bucket of the reports."
}

variable "queue_arn" {
  type        = string
  description = "Berth's queue, which hears of the jobs."
}

variable "dead_letter_queue_arn" {
  type        = string
  description = "Where events go that could not be delivered."
}

variable "event_bus" {
  type = object({
    name = string
    arn  = string
  })
  description = "Bus that the trigger function publishes to, and that its events are taken from."
}

variable "function" {
  type = object({
    package = object({
      path              = optional(string)
      s3_bucket         = optional(string)
      s3_key            = optional(string)
      s3_object_version = optional(string)
    })
    runtime      = string
    architecture = string
    tracing_mode = string
  })
  description = "How the trigger function is made."
}

variable "kms_key_arn" {
  type        = string
  default     = null
  description = "Key for the function's log; null for AWS's own."
}

variable "encrypt_environment" {
  type        = bool
  default     = false
  description = "Whether the function's environment too is encrypted with that key."
}

variable "logging_retention_in_days" {
  type        = number
  default     = 30
  description = "How long the function's log is kept."
}

variable "role_path" {
  type        = string
  default     = "/"
  description = "Path of the roles."
}

variable "role_permissions_boundary" {
  type        = string
  default     = null
  description = "ARN of the policy that limits the roles."
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags of everything."
}
