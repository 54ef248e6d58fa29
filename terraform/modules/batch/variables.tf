variable "name" {
  type        = string
  description = "Prefix of all names."
}

variable "names" {
  type = object({
    compute_environment = optional(string)
    job_queue           = optional(string)
    invoke_function     = optional(string)
  })
  default     = {}
  description = "Names that differ from the default, for scripts that already use them. With `spot`, the name of the compute environment ends with `-spot`."
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

variable "service_role_arn" {
  type        = string
  default     = null
  description = "ARN of the service-linked role of Batch. If null, Batch uses that role, and creates it if the account has none."
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
    error_message = "Fargate supports 0.25, 0.5, 1, 2, 4, 8 or 16 vCPUs."
  }
}

variable "job_definition_memory" {
  type        = number
  default     = 1024
  description = "Memory of the job definition in MiB."

  validation {
    condition     = var.job_definition_memory >= 512 && var.job_definition_memory <= 122880
    error_message = "Fargate supports 512 to 122880 MiB."
  }
}

variable "job_definition_timeout" {
  type        = number
  default     = 300
  description = "Seconds after which Batch ends a job that you submit by hand. Berth sets a limit for each of its jobs."

  validation {
    condition     = var.job_definition_timeout >= 60
    error_message = "Batch requires 60 seconds or more."
  }
}

variable "max_vcpus" {
  type        = number
  default     = 16
  description = "vCPUs that jobs may use at the same time. Other jobs wait in the queue; Berth ends a run that does not start within 15 minutes. This limits what Batch can cost."

  validation {
    condition     = var.max_vcpus >= 1 && var.max_vcpus <= 10000
    error_message = "max_vcpus must be between 1 and 10000."
  }
}

variable "spot" {
  type        = bool
  default     = false
  description = "Whether jobs run on Fargate Spot, which is cheaper and can be interrupted. A change replaces the compute environment."
}

variable "architecture" {
  type        = string
  default     = "x86_64"
  description = "CPU architecture of the jobs: `x86_64` or `arm64`."

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture must be x86_64 or arm64."
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
  description = "Whether jobs get a public IP address."
}

variable "execution_role_arn" {
  type        = string
  description = "Role that ECS uses to start jobs."
}

variable "task_role_arn" {
  type        = string
  description = "Role of the code of trusted jobs."
}

variable "project_role_arns" {
  type        = map(string)
  default     = {}
  description = "Roles of the code of trusted jobs of single projects, by the ID of the project."
}

variable "log_group" {
  type = object({
    name               = string
    is_created_by_jobs = optional(bool, false)
  })
  description = "Log group of the jobs. With `is_created_by_jobs`, the first job creates the group if it does not exist."
}

variable "bucket_name" {
  type        = string
  description = "Bucket of the reports."
}

variable "queue_arn" {
  type        = string
  description = "Berth's queue, which receives the events."
}

variable "dead_letter_queue_arn" {
  type        = string
  description = "Queue for events that could not be delivered."
}

variable "event_bus" {
  type = object({
    name = string
    arn  = string
  })
  description = "Event bus that the invoke function publishes to and that the rules read from."
}

variable "command" {
  type        = string
  default     = null
  description = "Command of event-driven runs. If null, the invoke function refuses requests."
}

variable "function" {
  type = object({
    package = object({
      path              = optional(string)
      s3_bucket         = optional(string)
      s3_key            = optional(string)
      s3_object_version = optional(string)
    })
    runtime             = optional(string, "nodejs22.x")
    architecture        = optional(string, "arm64")
    tracing_mode        = optional(string)
    encrypt_environment = optional(bool, false)
  })
  description = "Package and settings of the invoke function."
}
