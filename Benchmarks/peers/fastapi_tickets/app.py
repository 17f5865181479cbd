"""A helpdesk as it is usually written: FastAPI, SQLAlchemy's ORM on asyncpg, pydantic in and out, the caller loaded by a dependency.

Its paths and shapes are those of such a server's public documentation: users' and representatives' tickets, and messages on them.
"""

import os
import time
import uuid
from typing import Annotated

import jwt
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, WebSocket, WebSocketDisconnect
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import BigInteger, FetchedValue, ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SECRET = os.environ["JWT_SECRET"]
# A connection for each caller of the load: more than most give it, and the quickest of those tried.
engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://"), connect_args={"ssl": False}, pool_size=64, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/login")


def now() -> int:
    return time.time_ns() // 1_000_000


class Base(DeclarativeBase):
    type_annotation_map = {int: BigInteger}


class User(Base):
    __tablename__ = "users"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    username: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    is_active: Mapped[bool]
    created_at: Mapped[int]


class Ticket(Base):
    __tablename__ = "tickets"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    number: Mapped[int] = mapped_column(server_default=FetchedValue())
    title: Mapped[str]
    description: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")
    priority: Mapped[str] = mapped_column(default="medium")
    category: Mapped[str | None]
    type: Mapped[str | None]
    tags: Mapped[str] = mapped_column(default="[]")
    requester_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    assignee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    support_role: Mapped[str] = mapped_column(default="general")
    channel: Mapped[str] = mapped_column(default="api")
    embed_token: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
    comment_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[int] = mapped_column(default=now)
    updated_at: Mapped[int] = mapped_column(default=now)
    first_responded_at: Mapped[int | None]
    resolved_at: Mapped[int | None]
    closed_at: Mapped[int | None]
    revision: Mapped[int] = mapped_column(default=1)


class Message(Base):
    __tablename__ = "comments"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    ticket_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tickets.id"))
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    content: Mapped[str]
    comment_type: Mapped[str] = mapped_column(default="public")
    created_at: Mapped[int] = mapped_column(default=now)
    updated_at: Mapped[int] = mapped_column(default=now)


class TicketCreate(BaseModel):
    title: str = Field(min_length=1, max_length=255)
    description: str = Field(min_length=1, max_length=65_536)
    category: str | None = None
    type: str | None = None


class TicketOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: uuid.UUID
    title: str
    description: str
    category: str | None
    type: str | None
    status: str
    priority: str
    user_id: uuid.UUID = Field(validation_alias="requester_id")
    assigned_to_id: uuid.UUID | None = Field(validation_alias="assignee_id")
    created_at: int


class MessageCreate(BaseModel):
    content: str = Field(min_length=1, max_length=65_536)


class MessageOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: uuid.UUID
    ticket_id: uuid.UUID
    sender_id: uuid.UUID = Field(validation_alias="author_id")
    content: str
    timestamp: int = Field(validation_alias="created_at")


async def get_db():
    async with sessions() as session:
        yield session


Database = Annotated[AsyncSession, Depends(get_db)]


async def find_user(token: str, db: AsyncSession) -> User | None:
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["exp", "sub"]})
        user = await db.scalar(select(User).where(User.id == uuid.UUID(claims["sub"])))
    except (jwt.InvalidTokenError, ValueError):
        return None
    return user if user is not None and user.is_active else None


async def get_current_user(token: Annotated[str, Depends(bearer)], db: Database) -> User:
    user = await find_user(token, db)
    if user is None:
        raise HTTPException(401, "Could not validate credentials", {"WWW-Authenticate": "Bearer"})
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


async def get_current_csr(user: CurrentUser) -> User:
    if user.role == "customer":
        raise HTTPException(403, "Not enough permissions")
    return user


async def visible_ticket(ticket_id: uuid.UUID, user: CurrentUser, db: Database) -> Ticket:
    ticket = await db.scalar(select(Ticket).where(Ticket.id == ticket_id))
    if ticket is None or (user.role == "customer" and ticket.requester_id != user.id):
        raise HTTPException(404, "Ticket not found")
    return ticket


VisibleTicket = Annotated[Ticket, Depends(visible_ticket)]
users = APIRouter(prefix="/api/v1/users/tickets")
csr = APIRouter(prefix="/api/v1/csr/tickets")
app = FastAPI()


@app.get("/health")
async def health():
    return {"status": "ok"}


@users.post("", response_model=TicketOut, status_code=201)
async def create_ticket(body: TicketCreate, user: CurrentUser, db: Database):
    ticket = Ticket(**body.model_dump(), requester_id=user.id)
    db.add(ticket)
    await db.commit()
    return ticket


@users.get("/{ticket_id}", response_model=TicketOut)
async def read_ticket(ticket: VisibleTicket):
    return ticket


@users.post("/{ticket_id}/messages", response_model=MessageOut, status_code=201)
async def send_message(body: MessageCreate, ticket: VisibleTicket, user: CurrentUser, db: Database):
    message = Message(ticket_id=ticket.id, author_id=user.id, content=body.content)
    db.add(message)
    await db.commit()
    return message


@csr.get("", response_model=list[TicketOut])
async def list_tickets(
    user: Annotated[User, Depends(get_current_csr)], db: Database, status: str | None = None, skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
):
    statement = select(Ticket).order_by(Ticket.created_at.desc(), Ticket.id.desc()).offset(skip).limit(limit)
    if status is not None:
        statement = statement.where(Ticket.status == status)
    return (await db.scalars(statement)).all()


class ConnectionManager:
    """Who is connected, by ticket."""

    def __init__(self):
        self.rooms: dict[uuid.UUID, list[WebSocket]] = {}

    async def connect(self, ticket_id: uuid.UUID, websocket: WebSocket):
        await websocket.accept()
        self.rooms.setdefault(ticket_id, []).append(websocket)

    def disconnect(self, ticket_id: uuid.UUID, websocket: WebSocket):
        self.rooms[ticket_id].remove(websocket)

    async def broadcast(self, ticket_id: uuid.UUID, message: dict):
        for websocket in list(self.rooms.get(ticket_id, [])):
            await websocket.send_json(message)


manager = ConnectionManager()


@app.websocket("/ws/tickets/{ticket_id}")
async def chat(websocket: WebSocket, ticket_id: uuid.UUID, token: str):
    async with sessions() as db:
        user = await find_user(token, db)
        ticket = await db.scalar(select(Ticket).where(Ticket.id == ticket_id))
    if user is None or ticket is None or (user.role == "customer" and ticket.requester_id != user.id):
        return await websocket.close(1008)
    await manager.connect(ticket_id, websocket)
    try:
        while True:
            said = MessageCreate.model_validate(await websocket.receive_json())
            async with sessions() as db:
                message = Message(ticket_id=ticket_id, author_id=user.id, content=said.content)
                db.add(message)
                await db.commit()
            await manager.broadcast(ticket_id, MessageOut.model_validate(message).model_dump(mode="json", exclude={"id"}))
    except WebSocketDisconnect:
        manager.disconnect(ticket_id, websocket)


app.include_router(users)
app.include_router(csr)
